//! The examples do what they say.

#[path = "../examples/read.rs"]
mod read;
#[path = "../examples/write.rs"]
mod write;

#[test]
fn what_one_example_writes_the_other_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = write::write(&folder.path().join("run")).unwrap();
    assert!(path.starts_with(folder.path()));
    assert_eq!(read::read(folder.path()), ["run fc1/weight: 4 values", "run loss: 0.001953125"]);
    // The programs take their folder from the command line.
    let _ = (read::main as fn(), write::main as fn() -> _);
}
