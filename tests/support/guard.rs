//! Ends what this process started, should it be killed before it could do that itself.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};

/// Reads what starts and ends. Its input is closed when this process is gone, however that came; what is left then is killed.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
running=
while read -r change id; do
  case $change in
    started) running="$running $id" ;;
    ended)
      others=
      for other in $running; do [ "$other" = "$id" ] || others="$others $other"; done
      running=$others ;;
  esac
done
[ -z "$running" ] || kill -KILL $running
"#;

static GUARD: LazyLock<Mutex<Child>> = LazyLock::new(|| {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    Mutex::new(command.spawn().expect("every system has a shell"))
});

/// From now on the process `id` ends with this one.
pub(crate) fn started(id: u32) {
    tell("started", id);
}

/// The process `id` has ended; another one may get its number.
pub(crate) fn ended(id: u32) {
    tell("ended", id);
}

fn tell(change: &str, id: u32) {
    let mut guard = GUARD.lock().expect("nobody panics with the lock");
    let input = guard.stdin.as_mut().expect("stdin is piped");
    writeln!(input, "{change} {id}").expect("the guard lives as long as this process");
}
