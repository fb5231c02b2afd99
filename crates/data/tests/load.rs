//! What the sources give, from the outside.

use headwater_data::{
    Availability, ColumnRole, DataError, Dataset, ImageShape, Missing, Request, Samples, Scale, Separator, Source,
    catalogue, load,
};
use std::fs;
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

fn request(source: &str) -> Request {
    Request::new(source.parse().expect("a source"))
}

fn sizes(dataset: &Dataset) -> [usize; 3] {
    [dataset.train.len(), dataset.validation.len(), dataset.test.len()]
}

/// Inputs and label of one sample.
fn sample(samples: &Samples, index: u32) -> (Vec<f32>, u32) {
    let (mut inputs, mut labels) = (vec![0.0; samples.width()], [0]);
    samples.gather(&[index], &mut inputs, &mut labels);
    (inputs, labels[0])
}

#[test]
fn mnist_is_split_as_the_experiment_splits_it() {
    let dataset = load(&request("mnist")).expect("the box");
    assert_eq!(sizes(&dataset), [55_000, 5_000, 10_000]);
    assert_eq!((dataset.name.as_str(), dataset.classes), ("mnist", 10));
    assert_eq!(dataset.image, Some(ImageShape { height: 28, width: 28 }));
    assert_eq!(dataset.validation.labels()[..5], [5, 0, 4, 1, 9]);
    let labels = headwater_mnist::train_labels();
    assert!(dataset.train.labels().iter().zip(&labels[5_000..]).all(|(own, label)| *own == u32::from(*label)));

    let (inputs, label) = sample(&dataset.train, 0);
    let pixels = &headwater_mnist::train_images()[5_000 * 784..5_001 * 784];
    assert_eq!(label, u32::from(labels[5_000]));
    assert!(inputs.iter().zip(pixels).all(|(input, pixel)| (input - f32::from(*pixel) / 255.0).abs() < 1e-7));
}

#[test]
fn a_description_of_mnist_has_its_known_figures() {
    let all = Request { validation: Some(0), ..request("mnist") };
    let description = load(&all).expect("the box").describe();
    // The counts of the database's digits, and the mean that everybody normalises by.
    let counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    assert_eq!(description.splits[0].per_class, counts);
    assert_eq!(description.splits[1].per_class, [0; 10]);
    assert_eq!(description.splits[2].per_class.iter().sum::<usize>(), 10_000);
    assert_eq!((description.inputs.min, description.inputs.max), (0.0, 1.0));
    assert!((description.inputs.mean - 0.1307).abs() < 5e-5);
    assert!((description.inputs.zero - 0.8088).abs() < 5e-5);
}

#[test]
fn synthetic_sets_follow_from_their_seed() {
    for (source, expected) in [("blobs", [4_400, 600, 1_000]), ("circles", [2_200, 300, 500])] {
        let of = |seed| load(&Request { seed, ..request(source) }).expect("no file is needed");
        let (one, same, other) = (of(1), of(1), of(2));
        assert_eq!(sizes(&one), expected);
        assert_eq!(sample(&one.train, 0), sample(&same.train, 0));
        assert_ne!(sample(&one.train, 0), sample(&other.train, 0));
        let description = one.describe();
        assert!(description.splits.iter().flat_map(|split| &split.per_class).all(|&count| count > 0));
    }
}

const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

fn images(count: u32, height: u32, width: u32) -> Vec<u8> {
    let header = [0x803, count, height, width].map(u32::to_be_bytes).concat();
    let pixels = (0..count * height * width).map(|pixel| pixel as u8);
    header.into_iter().chain(pixels).collect()
}

fn labels(count: u32) -> Vec<u8> {
    [0x801, count].map(u32::to_be_bytes).concat().into_iter().chain((0..count).map(|label| label as u8 % 3)).collect()
}

/// A folder of 20 training and 6 test images of 2 x 3.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, bytes) in NAMES.into_iter().zip([images(20, 2, 3), labels(20), images(6, 2, 3), labels(6)]) {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    folder
}

fn load_folder(folder: &Path) -> Result<Dataset, DataError> {
    load(&Request::new(Source::IdxFolder(folder.to_owned())))
}

#[test]
fn a_folder_of_idx_files_is_split_in_its_order() {
    let folder = folder();
    let dataset = load_folder(folder.path()).expect("a good folder");
    assert_eq!(sizes(&dataset), [18, 2, 6]);
    assert_eq!((dataset.classes, dataset.image), (3, Some(ImageShape { height: 2, width: 3 })));
    assert_eq!(Some(dataset.name.as_ref()), folder.path().file_name());
    let (inputs, label) = sample(&dataset.train, 1);
    assert_eq!((inputs[0], label), (18.0 * (1.0 / 255.0), 0));
}

#[test]
fn what_is_wrong_with_a_folder_is_told_with_the_file() {
    type Damage = fn(&Path);
    let cases: [(Damage, &str); 5] = [
        (
            |folder| fs::remove_file(folder.join(NAMES[3])).unwrap(),
            "has neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz",
        ),
        (
            |folder| fs::write(folder.join(NAMES[0]), labels(20)).unwrap(),
            "train-images-idx3-ubyte, offset 3: expected 3 dimensions",
        ),
        (
            |folder| fs::write(folder.join(NAMES[1]), labels(19)).unwrap(),
            "train-labels-idx1-ubyte, offset 4: expected 20 labels, one for each image, found 19",
        ),
        (
            |folder| fs::write(folder.join(NAMES[2]), images(6, 3, 2)).unwrap(),
            "t10k-images-idx3-ubyte, offset 8: expected images of 2 x 3, the size of the training images, found 3 x 2",
        ),
        (
            |folder| fs::write(folder.join(NAMES[2]), &images(6, 2, 3)[..50]).unwrap(),
            "t10k-images-idx3-ubyte, offset 50: expected 36 bytes after the header (6 x 2 x 3), found the end of the file after 34",
        ),
    ];
    for (damage, expected) in cases {
        let folder = folder();
        damage(folder.path());
        let message = load_folder(folder.path()).expect_err(expected).to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn fashion_mnist_as_debian_packages_it_is_read() {
    let entry = catalogue().into_iter().find(|entry| entry.about.starts_with("Fashion-MNIST")).expect("it is listed");
    if entry.availability == Availability::NotInstalled {
        #[expect(clippy::print_stderr, reason = "whoever reads the log must see that nothing was tested")]
        {
            eprintln!("skipped: {} does not exist; {}", entry.name, entry.origin);
        }
        return;
    }
    let dataset = load(&request(entry.name)).expect("the package's files");
    assert_eq!((dataset.name.as_str(), dataset.classes), ("fashion-mnist", 10));
    assert_eq!(sizes(&dataset), [55_000, 5_000, 10_000]);
    assert_eq!(dataset.describe().splits[2].per_class, [1_000; 10]);
}

#[test]
fn what_does_not_exist_or_is_of_no_known_kind_is_said_to_be_so() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a temporary path is text").to_owned();
    fs::write(path("notes"), "hello").expect("a file");
    fs::write(path("letter.txt"), "Dear reader!\n").expect("a file");
    fs::create_dir(path("folder.csv")).expect("a folder");
    let message = |source: &str| match source.parse() {
        Ok(source) => load(&Request::new(source)).expect_err("no dataset").to_string(),
        Err(error) => error.to_string(),
    };
    for name in ["nothing", "nothing.csv", "nothing.npz", "nothing/at/all"] {
        let message = message(&path(name));
        assert!(message.starts_with(&format!("{} does not exist: expected mnist,", path(name))), "{message}");
    }
    let notes = message(&path("notes"));
    assert!(notes.starts_with(&format!("{} is a file of no known kind: expected", path("notes"))), "{notes}");
    let letter = message(&path("letter.txt"));
    assert!(letter.contains("letter.txt, line 1: expected columns separated by commas, semicolons,"), "{letter}");
    let empty = message(&path("folder.csv"));
    assert!(empty.contains("folder.csv has neither train-images-idx3-ubyte nor"), "{empty}");
    fs::write(folder.path().join("folder.csv/iris.csv"), "").expect("a file");
    let other = message(&path("folder.csv"));
    assert!(other.contains("; did you mean ") && other.ends_with("iris.csv?"), "{other}");
}

#[test]
fn the_means_and_scales_of_a_table_are_those_of_its_training_samples() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("table.tsv");
    let rows = (0..60).map(|row| {
        let x = if row % 7 == 0 { String::new() } else { format!("{},5", 100 * row) };
        format!("{x}\t{}\t{}\t4\n", ["red", "blue"][row % 2], ["no", "yes"][row % 2])
    });
    fs::write(&path, format!("x\tcolour\tanswer\tconstant\n{}", rows.collect::<String>())).expect("a file");
    let request = Request {
        label_column: Some("answer".to_owned()),
        missing: Missing::Mean,
        scale: Scale::Standardise,
        ..request(path.to_str().expect("a temporary path is text"))
    };
    let dataset = load(&request).expect("a good table");
    let column = |column: usize| (0..44).map(move |index| (index, column));
    let values = |at: usize| column(at).map(|(index, at)| f64::from(sample(&dataset.train, index).0[at])).collect();
    let (x, blue, constant): (Vec<f64>, Vec<f64>, Vec<f64>) = (values(0), values(1), values(3));
    let mean = x.iter().sum::<f64>() / 44.0;
    let variance = x.iter().map(|x| x * x).sum::<f64>() / 44.0;
    assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
    assert!(blue.iter().all(|x| [0.0, 1.0].contains(x)) && constant.iter().all(|x| *x == 0.0));

    let description = dataset.describe();
    let table = description.table.expect("a table");
    assert_eq!((table.separator, table.header, table.decimal_comma), (Separator::Tab, true, true));
    assert_eq!((description.filled, description.dropped, description.scale.as_str()), (9, 0, "standardise"));
    let roles: Vec<_> = table.columns.iter().map(|column| (column.name.as_str(), &column.role)).collect();
    assert!(matches!(roles[0], ("x", ColumnRole::Number { statistics }) if (statistics.rms - 1.0).abs() < 1e-5));
    assert!(matches!(roles[1], ("colour", ColumnRole::OneHot { texts }) if texts[..] == ["blue", "red"]));
    assert!(matches!(roles[2], ("answer", ColumnRole::Label)));
    assert!(!description.unscaled);
    let plain = load(&Request { scale: Scale::None, ..request }).expect("a good table").describe();
    assert!(plain.unscaled, "{:?}", plain.inputs);
}

#[test]
fn mnist_is_standardised_by_the_mean_and_deviation_that_everybody_uses() {
    let scaled = Request { scale: Scale::Standardise, validation: Some(0), ..request("mnist") };
    let description = load(&scaled).expect("the box").describe();
    assert!(description.inputs.mean.abs() < 1e-4 && (description.inputs.rms - 1.0).abs() < 1e-4);
    assert!((description.inputs.min + 0.1307 / 0.3081).abs() < 1e-3);
}

#[test]
fn images_without_labels_for_them_are_not_unpacked() {
    let folder = folder();
    // A file of a few kilobytes that would unpack to 3 GB.
    let header = [0x803_u32, 3_000_000, 1000, 1].map(u32::to_be_bytes).concat();
    let mut file = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    file.write_all(&header).expect("memory can be written");
    file.write_all(&vec![0; 50_000_000]).expect("memory can be written");
    fs::remove_file(folder.path().join(NAMES[0])).expect("a file");
    fs::write(folder.path().join(format!("{}.gz", NAMES[0])), file.finish().expect("memory")).expect("a file");
    let mut message = String::new();
    let info = allocation_counter::measure(|| {
        message = load_folder(folder.path()).expect_err("20 labels").to_string();
    });
    assert!(message.contains("expected 3000000 labels, one for each image, found 20"), "{message}");
    assert!(info.bytes_max < 1_000_000, "{} bytes", info.bytes_max);
}

#[test]
fn a_table_is_found_by_its_extension_and_shuffled() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("table.csv");
    let rows: Vec<String> = (0..60).map(|row| format!("{row},{}\n", ["no", "yes"][row % 2])).collect();
    fs::write(&path, format!("x,answer\n{}", rows.concat())).expect("a file");
    let request = Request {
        label_column: Some("answer".to_owned()),
        ..request(path.to_str().expect("a temporary path is text"))
    };
    let dataset = load(&request).expect("a good table");
    assert_eq!(sizes(&dataset), [44, 6, 10]);
    assert_eq!((dataset.name.as_str(), dataset.classes), ("table", 2));
    for index in 0..44 {
        let (inputs, label) = sample(&dataset.train, index);
        assert_eq!(inputs[0] as u32 % 2, label, "inputs and labels are shuffled together");
    }
}
