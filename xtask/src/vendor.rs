//! The libraries that the board's page uses, copied into the repository from their npm packages.
//!
//! The page has no build step: a browser loads the vendored modules as they are. The copy follows one rule, so that
//! anyone can make it again and compare the bytes: the published production build, without the pointer to a source
//! map that is not there, and with every import by name (`"preact"`) turned into one by path (`"./preact.js"`), since
//! the page's Content-Security-Policy leaves no room for an import map.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::tools::root;

/// One vendored module.
struct Module {
    /// Its file name, without the ending.
    name: &'static str,
    /// What other modules import it by, and where its types are.
    specifier: &'static str,
    /// The production build below `node_modules`.
    build: &'static str,
    /// The statement of the `.d.ts` that hands on the package's own types.
    types: &'static str,
}

const MODULES: [Module; 5] = [
    Module {
        name: "preact",
        specifier: "preact",
        build: "preact/dist/preact.module.js",
        types: "export * from \"preact\";",
    },
    Module {
        name: "hooks",
        specifier: "preact/hooks",
        build: "preact/hooks/dist/hooks.module.js",
        types: "export * from \"preact/hooks\";",
    },
    Module {
        name: "htm",
        specifier: "htm",
        build: "htm/dist/htm.module.js",
        types: "export { default } from \"htm\";",
    },
    Module {
        name: "signals",
        specifier: "@preact/signals-core",
        build: "@preact/signals-core/dist/signals-core.mjs",
        types: "export * from \"@preact/signals-core\";",
    },
    Module {
        name: "dagre",
        specifier: "@dagrejs/dagre",
        build: "@dagrejs/dagre/dist/dagre.esm.js",
        types: "export * from \"@dagrejs/dagre\";",
    },
];

/// The packages whose code is in the folder; dagre's build has graphlib inside.
const PACKAGES: [&str; 5] = ["preact", "htm", "@preact/signals-core", "@dagrejs/dagre", "@dagrejs/graphlib"];

fn folder() -> PathBuf {
    root().join("crates/board/ui/vendor")
}

/// Writes the folder anew.
pub(crate) fn write() -> Result<()> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, content) in files()? {
        fs::write(folder.join(name), content)?;
    }
    Ok(())
}

/// Fails if the folder is not, byte by byte, what the locked packages give.
pub(crate) fn check() -> Result<()> {
    let hint = "run: cargo xtask vendor";
    let mut files = files()?;
    for entry in fs::read_dir(folder()).with_context(|| format!("nothing is vendored; {hint}"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(wanted) = files.remove(&name) else { bail!("{} comes from no package; {hint}", path.display()) };
        ensure!(fs::read(&path)? == wanted.as_bytes(), "{} is not what its package has; {hint}", path.display());
    }
    match files.into_keys().next() {
        None => Ok(()),
        Some(missing) => bail!("{missing} is not vendored; {hint}"),
    }
}

/// Every file of the folder by its name.
fn files() -> Result<BTreeMap<String, String>> {
    let packages = root().join("crates/board/node_modules");
    let read = |file: &str| fs::read_to_string(packages.join(file)).with_context(|| format!("cannot read {file}"));
    let mut files = BTreeMap::new();
    for module in &MODULES {
        files.insert(format!("{}.js", module.name), vendored(module, &read(module.build)?)?);
        files.insert(format!("{}.d.ts", module.name), format!("{}\n", module.types));
    }
    files.insert("LICENSES".to_owned(), licences(&packages)?);
    Ok(files)
}

/// A build as the page loads it.
fn vendored(module: &Module, build: &str) -> Result<String> {
    let code = build.rfind("//# sourceMappingURL=").map_or(build, |pointer| &build[..pointer]).trim_end();
    let mut code = code.to_owned();
    for other in &MODULES {
        for keyword in ["from", "from ", "import", "import "] {
            let (by_name, by_path) = (other.specifier, format!("{keyword}\"./{}.js\"", other.name));
            code = code.replace(&format!("{keyword}\"{by_name}\""), &by_path);
        }
    }
    if let Some(name) = imports(&code).find(|name| !name.starts_with("./")) {
        bail!("{} imports {name}, which is not vendored", module.build);
    }
    Ok(code + "\n")
}

/// What minified code imports: the text between the quotes after `from"` and `import"`.
fn imports(code: &str) -> impl Iterator<Item = &str> {
    ["from\"", "from \"", "import\"", "import \""]
        .into_iter()
        .flat_map(|start| code.split(start).skip(1).filter_map(|rest| rest.split('"').next()))
}

/// The licence texts of all packages whose code is in the folder.
fn licences(packages: &Path) -> Result<String> {
    let mut text = "The libraries in this folder and their licences.\n".to_owned();
    for name in PACKAGES {
        let package = packages.join(name);
        let about: serde_json::Value = serde_json::from_str(&fs::read_to_string(package.join("package.json"))?)?;
        let field = |key: &str| about[key].as_str().with_context(|| format!("{name} states no {key}"));
        let licence = fs::read_to_string(package.join("LICENSE"))?.replace("\r\n", "\n");
        let rule = "-".repeat(80);
        write!(text, "\n{rule}\n{name} {} ({})\n\n{}\n", field("version")?, field("license")?, licence.trim())?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_by_name_become_imports_by_path() -> Result<()> {
        let code = "import{options as n}from\"preact\";export{n};\n//# sourceMappingURL=hooks.module.js.map\n";
        assert_eq!(vendored(&MODULES[1], code)?, "import{options as n}from\"./preact.js\";export{n};\n");
        Ok(())
    }

    #[test]
    fn an_import_that_is_not_vendored_is_an_error() {
        let error = vendored(&MODULES[0], "import\"left-pad\";").unwrap_err().to_string();
        assert!(error.contains("left-pad"), "{error}");
    }
}
