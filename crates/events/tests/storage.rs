//! A log directory that does not lie on the disk: everything that the store does, it does through `Storage` alone.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use headwater_events::{Bucket, Datum, Entry, EntryKind, Listing, Stat, Storage, Store, StoredFile, Writer};

/// Objects under keys, as an object store has them: no folders, no identities, no appending. Growth is a new object.
#[derive(Debug, Default)]
struct Memory {
    objects: Mutex<BTreeMap<PathBuf, Arc<Object>>>,
    is_down: AtomicBool,
    stats: AtomicUsize,
}

#[derive(Debug)]
struct Object {
    bytes: Vec<u8>,
    modified: SystemTime,
}

impl Object {
    fn stat(&self) -> Stat {
        let (size, modified) = (self.bytes.len() as u64, Some(self.modified));
        Stat { kind: EntryKind::File, identity: None, size, modified }
    }
}

impl Memory {
    /// Long ago, so that the time tells of every change.
    fn put(&self, key: &str, bytes: &[u8], minute: u64) {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minute);
        self.objects.lock().unwrap().insert(key.into(), Arc::new(Object { bytes: bytes.to_vec(), modified }));
    }

    fn up(&self) -> io::Result<()> {
        if self.is_down.load(Ordering::Relaxed) { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

const FOLDER: Stat = Stat { kind: EntryKind::Folder, identity: None, size: 0, modified: None };

impl Storage for Memory {
    fn list(&self, folder: &Path) -> io::Result<Listing> {
        self.up()?;
        let objects = self.objects.lock().unwrap();
        let mut listing = Listing::default();
        let mut folders = std::collections::BTreeSet::new();
        for (key, object) in objects.iter() {
            let Ok(rest) = key.strip_prefix(folder) else { continue };
            let mut parts = rest.iter();
            let (Some(name), below) = (parts.next(), parts.next()) else { continue };
            if below.is_none() {
                let (name, stat) = (name.to_owned(), Some(object.stat()));
                listing.entries.push(Entry { name, kind: EntryKind::File, stat });
            } else if folders.insert(name.to_owned()) {
                listing.entries.push(Entry { name: name.to_owned(), kind: EntryKind::Folder, stat: Some(FOLDER) });
            }
        }
        Ok(listing)
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.up()?;
        self.stats.fetch_add(1, Ordering::Relaxed);
        let objects = self.objects.lock().unwrap();
        match objects.get(path) {
            Some(object) => Ok(object.stat()),
            None if objects.keys().any(|key| key.starts_with(path)) => Ok(FOLDER),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>> {
        self.up()?;
        let object = self.objects.lock().unwrap().get(path).cloned();
        object.map(|object| object as Arc<dyn StoredFile>).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl StoredFile for Object {
    /// At most 100 bytes at a time.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.bytes.get(offset as usize..).unwrap_or(&[]);
        let count = buffer.len().min(rest.len()).min(100);
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn stat(&self) -> io::Result<Stat> {
        Ok(Object::stat(self))
    }
}

const ROOT: &str = "s3://bucket/logs";
const KEY: &str = "s3://bucket/logs/relu/seed-1/events.out.tfevents.1";

/// The bytes of an event file with a loss and a histogram at each of these steps.
fn bytes(steps: std::ops::Range<i64>, loss: f32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path()).unwrap();
    for step in steps {
        writer.scalar(step, "loss", loss + step as f32).unwrap();
        writer.histogram(step, "w", &[Bucket { left: 0.0, right: 1.0, count: 1.0 + step as f64 }]).unwrap();
    }
    let path = writer.path().to_owned();
    writer.close().unwrap();
    std::fs::read(path).unwrap()
}

fn opened(memory: &Arc<Memory>) -> Store {
    let store = Store::in_storage(Arc::clone(memory) as Arc<dyn Storage>, Path::new(ROOT), 2);
    store.load();
    store
}

fn losses(store: &Store) -> Vec<f64> {
    let run = store.run("relu/seed-1").expect("the run is named by its folder");
    run.get("loss").unwrap().points(0..100).iter().map(|point| point.value).collect()
}

#[test]
fn runs_are_found_and_read_and_values_are_fetched_from_where_they_lie() {
    let memory = Arc::new(Memory::default());
    memory.put(KEY, &bytes(0..3, 0.5), 1);
    memory.put("s3://bucket/logs/relu/seed-1/notes.txt", b"no events", 1);
    memory.put("s3://bucket/other/events.out.tfevents.1", &bytes(0..3, 9.0), 1);
    let store = opened(&memory);
    assert_eq!(store.runs().iter().map(|run| run.name().to_string()).collect::<Vec<_>>(), ["relu/seed-1"]);
    assert_eq!(losses(&store), [0.5, 1.5, 2.5]);
    let histogram = store.run("relu/seed-1").unwrap().get("w").unwrap().read(1..2).pop().unwrap().datum.unwrap();
    assert!(matches!(histogram, Datum::Histogram(histogram) if histogram.count() == 2.0));
    assert!(store.problems().is_empty(), "{:?}", store.problems());
}

#[test]
fn what_a_listing_tells_is_not_asked_again() {
    let memory = Arc::new(Memory::default());
    for run in 0..20 {
        memory.put(&format!("{ROOT}/run{run}/events.out.tfevents.1"), &bytes(0..1, 0.0), 1);
    }
    let store = opened(&memory);
    assert_eq!(store.runs().len(), 20);
    assert_eq!(memory.stats.load(Ordering::Relaxed), 1, "of the log directory itself");
}

#[test]
fn an_object_that_grows_is_read_on_and_another_one_under_its_key_is_read_anew() {
    let memory = Arc::new(Memory::default());
    let all = bytes(0..4, 0.5);
    let half = all.len() / 2;
    memory.put(KEY, &all[..half], 1);
    let store = opened(&memory);
    let generation = store.run("relu/seed-1").unwrap().generation();
    memory.put(KEY, &all, 2);
    store.load();
    assert_eq!(losses(&store), [0.5, 1.5, 2.5, 3.5]);
    assert_eq!(store.run("relu/seed-1").unwrap().generation(), generation, "it was not begun anew");
    // As long as before, and something else.
    let other = bytes(0..4, 7.5);
    assert_eq!(other.len(), all.len());
    memory.put(KEY, &other, 3);
    store.load();
    assert_eq!(losses(&store), [7.5, 8.5, 9.5, 10.5]);
    assert_ne!(store.run("relu/seed-1").unwrap().generation(), generation);
    memory.objects.lock().unwrap().clear();
    store.load();
    assert!(store.runs().is_empty());
}

#[test]
fn while_the_storage_does_not_answer_what_is_known_stays_and_later_it_is_read_on() {
    let memory = Arc::new(Memory::default());
    memory.put(KEY, &bytes(0..2, 0.5), 1);
    let store = opened(&memory);
    memory.put(KEY, &bytes(0..2, 0.5), 2);
    memory.is_down.store(true, Ordering::Relaxed);
    store.load();
    assert_eq!(losses(&store), [0.5, 1.5]);
    let problems: Vec<String> = store.problems().iter().map(ToString::to_string).collect();
    assert!(problems.len() == 1 && problems[0].contains(ROOT), "{problems:?}");
    let fetched = store.run("relu/seed-1").unwrap().get("w").unwrap().read(0..1).pop().unwrap().datum;
    assert!(fetched.unwrap_err().to_string().contains(KEY));
    memory.is_down.store(false, Ordering::Relaxed);
    memory.put("s3://bucket/logs/new/events.out.tfevents.1", &bytes(0..1, 0.5), 2);
    store.load();
    assert_eq!((store.runs().len(), losses(&store)), (2, vec![0.5, 1.5]));
    assert!(store.problems().is_empty(), "{:?}", store.problems());
}
