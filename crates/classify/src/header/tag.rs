//! TAG of RFC 3164 headers: the program's name, perhaps its pid, and where MSG begins behind it.

/// A longer name is no tag.
const NAME_LEN_MAX: usize = 255;
/// A longer pid is no pid.
const PROCID_LEN_MAX: usize = 128;
/// The longest block that metron-agent puts between tag and line.
const JOB_BLOCK_LEN_MAX: usize = 256;

/// How a tag can be told from the first word of a text, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `name[pid]`, with or without a colon.
    Pid,
    /// `name:`, then a space, the end, `{` or `[`.
    Colon,
    /// A word without an end mark that platforms use as a tag: `job/process`, `vcap.` and a job, or one of [`JOBS`].
    Job,
    /// Any other word before a `[` and a digit, as before a stamp in brackets.
    BeforeStamp,
}

/// A tag in a frame, as offsets from its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag {
    pub(super) form: Form,
    /// After the name, which begins where the search did.
    pub(super) name_end: usize,
    /// The pid; empty when there is none.
    pub(super) procid_start: usize,
    pub(super) procid_end: usize,
    /// The first octet of MSG: after the colon, if there is one, and one space.
    pub(super) message: usize,
}

/// Reads a tag at `start`. At most 400 octets are looked at, or 660 for metron-agent's `vcap.` tags.
pub(super) fn scan(frame: &[u8], start: usize) -> Option<Tag> {
    let octets = &frame[start..];
    let len = octets.iter().take(NAME_LEN_MAX + 1).take_while(|&&octet| is_name_octet(octet)).count();
    let name = &octets[..len];
    if len > NAME_LEN_MAX || !name.iter().any(u8::is_ascii_alphanumeric) {
        return None;
    }
    let name_end = start + len;
    let rest = &octets[len..];
    let without_pid = |form, gap| Tag { form, name_end, procid_start: 0, procid_end: 0, message: name_end + gap };
    let tag = match rest {
        [b'[', ..] => {
            let (procid_len, after) = procid(&rest[1..])?;
            let procid_start = name_end + 1;
            let message = procid_start + procid_len + 1 + after;
            Tag { form: Form::Pid, name_end, procid_start, procid_end: procid_start + procid_len, message }
        }
        [b':', b' ', ..] => without_pid(Form::Colon, 2),
        [b':'] | [b':', b'{' | b'[', ..] => without_pid(Form::Colon, 1),
        [b' ', ..] if is_job(name) => without_pid(Form::Job, 1),
        [b' ', b'[', b'0'..=b'9', ..] => without_pid(Form::BeforeStamp, 1),
        _ => return None,
    };
    let message = if name.starts_with(b"vcap.") { after_job_block(frame, tag.message) } else { tag.message };
    Some(Tag { message, ..tag })
}

/// What a name may consist of: what programs use, and nothing that begins or ends another part.
fn is_name_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'.' | b'_' | b'-' | b'/' | b'@' | b'%' | b'+' | b'#' | b'(' | b')' | b'~')
}

/// Jobs whose log directory, and so whose tag, has this name. A file input of a relay often sends it without a colon.
const JOBS: [&[u8]; 11] = [
    b"blobstore",
    b"broker",
    b"cloud_controller_clock",
    b"cloud_controller_ng",
    b"cloud_controller_worker",
    b"credhub",
    b"director",
    b"kube-apiserver",
    b"pks-api",
    b"telemetry-server",
    b"uaa",
];

fn is_job(name: &[u8]) -> bool {
    name.starts_with(b"vcap.") || (name[0].is_ascii_alphabetic() && name.contains(&b'/')) || JOBS.contains(&name)
}

/// Reads a pid from after its `[`. Gives its length, and how many octets of colon and space follow its `]`.
///
/// A relay writes APP-NAME and PROCID as a tag; PROCID of a loggregator drain brings its own brackets, as in
/// `app[[APP/PROC/WEB/0]]: text`.
fn procid(octets: &[u8]) -> Option<(usize, usize)> {
    let window = &octets[..octets.len().min(PROCID_LEN_MAX + 2)];
    let is_end = |octet: &u8| matches!(octet, b']' | b' ' | b'\t'..=b'\r');
    let mut len = window.iter().position(is_end)?;
    if window[len] != b']' {
        return None;
    }
    if window.first() == Some(&b'[') && window.get(len + 1) == Some(&b']') {
        len += 1;
    }
    match &octets[len + 1..] {
        [] => Some((len, 0)),
        [b':', b' ', ..] => Some((len, 2)),
        [b':' | b' ', ..] => Some((len, 1)),
        _ => None,
    }
}

/// Skips metron-agent's ` [job=<job> index=<n>]  ` at `start`: it is added between tag and line, and is not structured
/// data.
fn after_job_block(frame: &[u8], start: usize) -> usize {
    let octets = &frame[start..];
    if !octets.starts_with(b"[job=") {
        return start;
    }
    match octets.iter().take(JOB_BLOCK_LEN_MAX).position(|&octet| octet == b']') {
        Some(end) => start + end + 1 + octets[end + 1..].iter().take(2).take_while(|&&octet| octet == b' ').count(),
        None => start,
    }
}
