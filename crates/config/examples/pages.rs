//! Prints a page that is made from the table of keys: `cargo run -p gully-config --example pages -- defaults`.

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("defaults") => print!("{}", gully_config::defaults_toml()),
        Some("init") => print!("{}", gully_config::init_toml()),
        Some("schema") => print!("{}", gully_config::schema_json()),
        Some("reference") => print!("{}", gully_config::reference_markdown()),
        _ => eprintln!("name one page: defaults, init, schema or reference"),
    }
}
