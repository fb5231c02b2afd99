//! The figures in docs/diagnosis.md.

use std::path::Path;

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- figures of the fault suite: cargo xtask faults -- --write -->\n";
const END: &str = "<!-- end of the figures -->\n";

/// Writes the figures between their marks.
pub(crate) fn write(figures: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnosis.md");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    std::fs::write(&path, replaced(&text, figures)?)?;
    Ok(())
}

fn replaced(text: &str, figures: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("docs/diagnosis.md has no mark where the figures begin")?;
    let (_, after) = rest.split_once(END).context("docs/diagnosis.md has no mark where the figures end")?;
    Ok(format!("{before}{BEGIN}\n{figures}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_the_figures_stays() {
        let text = format!("above\n{BEGIN}old\n{END}below\n");
        let once = replaced(&text, "new").unwrap();
        assert!(once.starts_with("above\n") && once.ends_with("below\n") && !once.contains("old"));
        assert_eq!(replaced(&once, "new").unwrap(), once);
        assert!(replaced("nothing", "new").is_err());
    }
}
