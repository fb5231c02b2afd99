//! Builds anew when a file of the page comes or goes: the macro that takes them in sees only those it knows.

fn main() {
    println!("cargo::rerun-if-changed=ui");
}
