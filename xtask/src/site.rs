//! The finished site in `target/site`: names by content, references that follow them, the page, the service worker's
//! list, and every file compressed ahead beside itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::asset::{Asset, Names};
use crate::bundle::{self, Bundle, Finish};
use crate::stage::{Stages, key};
use crate::workspace::Workspace;
use crate::{css, tools};

/// What stands in for the list in the service worker's source.
const SHELL: &str = "const SHELL = { version: \"\", files: [] };";
/// The style layers, in the order in which they are declared.
const LAYERS: [&str; 4] = ["tokens.css", "base.css", "components.css", "print.css"];
/// The letters every screen is set in, and those that only some names need.
const LETTERS: &str = "hyperlegible-latin.woff2";
const MORE_LETTERS: &str = "hyperlegible-latin-ext.woff2";
/// Served under their own names: others refer to these by them.
const ICONS: [&str; 6] = [
    "icon.svg",
    "icon-maskable.svg",
    "icon-192.png",
    "icon-512.png",
    "icon-maskable-192.png",
    "icon-maskable-512.png",
];
/// Served as well, and not kept on the device.
const LICENCES: [&str; 2] = ["LICENSE-font-OFL.txt", "LICENSE-icons-MIT.txt"];

/// What a file is, for the table of sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Wasm,
    Js,
    Css,
    Html,
    Font,
    Icon,
    Other,
    StyleGuide,
}

/// When a file comes to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The first screen needs it, or the first start fetches it: it counts for the shell's limit.
    Shell,
    /// Kept on the device with the shell, but not needed to start.
    Kept,
    /// Served when somebody asks.
    Asked,
}

/// One file of the site.
pub struct File {
    pub asset: Asset,
    pub sort: Sort,
    pub need: Need,
    /// Sizes in bytes as they travel.
    pub brotli: usize,
    pub gzip: usize,
}

/// Whether the site has the style guide: the demo's and the tests' has, a provider's has not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StyleGuide {
    With,
    Without,
}

/// Builds the app and the site around it.
pub fn build(
    workspace: &Workspace,
    stages: &Stages,
    finish: Finish,
    style_guide: StyleGuide,
) -> Result<Vec<File>> {
    fs::create_dir_all(workspace.site())?;
    let mut packages = tools::npm_packages(workspace)?;
    let bundle = bundle::build(workspace, stages, &mut packages, finish)?;
    packages.wait()?;
    let guide = match style_guide {
        StyleGuide::With => Some(bundle::style_guide(workspace, stages, finish)?),
        StyleGuide::Without => None,
    };
    stages.run("site put together and compressed", || {
        let sources = Sources::read(workspace)?;
        write(workspace, assemble(&sources, bundle, guide)?, finish)
    })
}

/// The hand-written sources of the site.
struct Sources {
    page: String,
    boot: String,
    worker: String,
    manifest: String,
    sprite: String,
    mark: String,
    style: String,
    letters: Vec<u8>,
    more_letters: Vec<u8>,
    icons: Vec<Asset>,
    licences: Vec<Asset>,
}

impl Sources {
    fn read(workspace: &Workspace) -> Result<Self> {
        let bytes = |path: &Path| {
            fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let text = |path: &Path| {
            fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let public = workspace.public();
        let plain = |names: &[&str]| -> Result<Vec<Asset>> {
            names
                .iter()
                .map(|name| Ok(Asset::plain(name, bytes(&public.join(name))?)))
                .collect()
        };
        let layers: Result<Vec<String>> = LAYERS
            .iter()
            .map(|layer| text(&workspace.style().join(layer)))
            .collect();
        Ok(Self {
            page: text(&public.join("index.html"))?,
            boot: text(&public.join("boot.js"))?,
            worker: text(&public.join("sw.js"))?,
            manifest: text(&public.join("manifest.webmanifest"))?,
            sprite: text(&public.join("icons.svg"))?,
            mark: text(&public.join("mark.svg"))?,
            style: layers?.concat(),
            letters: bytes(&public.join(LETTERS))?,
            more_letters: bytes(&public.join(MORE_LETTERS))?,
            icons: plain(&ICONS)?,
            licences: plain(&LICENCES)?,
        })
    }
}

/// A file of the site before it is compressed.
struct Part {
    asset: Asset,
    sort: Sort,
    need: Need,
}

/// Names everything by its content, from the leaves up, and lists it for the service worker.
fn assemble(sources: &Sources, bundle: Bundle, guide: Option<Bundle>) -> Result<Vec<Part>> {
    let mut names = Names::default();
    let mut parts = Vec::new();
    let mut add = |asset: Asset, sort: Sort, need: Need| parts.push(Part { asset, sort, need });

    add(
        names.hashed(LETTERS, sources.letters.clone()),
        Sort::Font,
        Need::Shell,
    );
    add(
        names.hashed(MORE_LETTERS, sources.more_letters.clone()),
        Sort::Font,
        Need::Kept,
    );
    let style = names
        .link(&css::minify(&sources.style), &[LETTERS, MORE_LETTERS])
        .context("style/")?;
    add(
        names.hashed("style.css", style.into_bytes()),
        Sort::Css,
        Need::Shell,
    );
    add(
        names.hashed("app_bg.wasm", bundle.wasm),
        Sort::Wasm,
        Need::Shell,
    );
    add(names.hashed("app.js", bundle.js), Sort::Js, Need::Shell);
    let boot = names
        .link(&sources.boot, &["app.js", "app_bg.wasm"])
        .context("public/boot.js")?;
    add(
        names.hashed("boot.js", boot.into_bytes()),
        Sort::Js,
        Need::Shell,
    );

    let page = page(sources, &sources.page, "boot.js", &names).context("public/index.html")?;
    add(
        Asset::plain("index.html", page.into_bytes()),
        Sort::Html,
        Need::Shell,
    );
    if let Some(guide) = guide {
        for asset in style_guide(sources, guide, &mut names)? {
            add(asset, Sort::StyleGuide, Need::Asked);
        }
    }
    add(
        Asset::plain(
            "manifest.webmanifest",
            sources.manifest.clone().into_bytes(),
        ),
        Sort::Other,
        Need::Shell,
    );
    for icon in &sources.icons {
        let need = if icon.path.ends_with(".svg") {
            Need::Shell
        } else {
            Need::Kept
        };
        add(icon.clone(), Sort::Icon, need);
    }
    for licence in &sources.licences {
        add(licence.clone(), Sort::Other, Need::Asked);
    }

    let worker = worker(&sources.worker, &parts).context("public/sw.js")?;
    parts.push(Part {
        asset: Asset::plain("sw.js", worker.into_bytes()),
        sort: Sort::Js,
        need: Need::Shell,
    });
    Ok(parts)
}

/// The style guide's page: the app's own, with another program in it.
fn style_guide(sources: &Sources, guide: Bundle, names: &mut Names) -> Result<[Asset; 4]> {
    const BOOT: &str = "styleguide-boot.js";
    let wasm = names.hashed("styleguide_bg.wasm", guide.wasm);
    let js = names.hashed("styleguide.js", guide.js);
    let boot = sources
        .boot
        .replace("\"/app.js\"", "\"/styleguide.js\"")
        .replace("\"/app_bg.wasm\"", "\"/styleguide_bg.wasm\"");
    let boot = names.link(&boot, &["styleguide.js", "styleguide_bg.wasm"])?;
    let boot = names.hashed(BOOT, boot.into_bytes());
    let html = sources
        .page
        .replace("\"/boot.js\"", &format!("\"/{BOOT}\""));
    let html = page(sources, &html, BOOT, names)?;
    let html = Asset::plain("styleguide.html", html.into_bytes());
    Ok([wasm, js, boot, html])
}

/// The page with its references, and with the icons and the mark written into it: they need no request, and `<use>`
/// reaches them under any content security policy.
fn page(sources: &Sources, page: &str, boot: &str, names: &Names) -> Result<String> {
    let expected = ["style.css", LETTERS, boot];
    let linked = names.link(page, &expected)?;
    for blank in ["{{icons}}", "{{mark}}"] {
        ensure!(
            linked.matches(blank).count() == 1,
            "{blank} is expected once"
        );
    }
    let mark = inline(&sources.mark).replacen(
        "<svg",
        "<svg class=\"Mark\" data-ink aria-hidden=\"true\"",
        1,
    );
    Ok(linked
        .replace("{{icons}}", &inline(&sources.sprite))
        .replace("{{mark}}", &mark))
}

/// An SVG file as a part of a page, its colours left to the style sheet.
fn inline(svg: &str) -> String {
    svg.replace(" xmlns=\"http://www.w3.org/2000/svg\"", "")
        .replace(" color=\"#0a3b38\"", "")
        .replace(" fill=\"#e0a020\"", "")
        .trim()
        .to_owned()
}

/// The service worker with its version and its list: every file that is kept on a device, with its digest.
fn worker(source: &str, parts: &[Part]) -> Result<String> {
    ensure!(
        source.matches(SHELL).count() == 1,
        "`{SHELL}` is expected once"
    );
    let kept: Vec<(&str, String)> = parts
        .iter()
        .filter(|part| part.need != Need::Asked)
        .map(|part| (served_at(&part.asset.path), part.asset.integrity()))
        .collect();
    let files = serde_json::to_string(&kept)?;
    let version = &key([source.as_bytes(), files.as_bytes()])[..16];
    Ok(source.replace(
        SHELL,
        &format!("const SHELL = {{ version: \"{version}\", files: {files} }};"),
    ))
}

/// The page is served at `/`, every other file under its own name.
fn served_at(path: &str) -> &str {
    if path == "/index.html" { "/" } else { path }
}

/// Writes the parts with their compressed forms, and takes away what an earlier build left. A file that did not
/// change is not touched, so that cargo does not build the server anew for it.
fn write(workspace: &Workspace, parts: Vec<Part>, finish: Finish) -> Result<Vec<File>> {
    let site = workspace.site();
    let memory = workspace.memory().join("compressed");
    fs::create_dir_all(&memory)?;
    let mut written = BTreeSet::new();
    let mut remembered = BTreeSet::new();
    let mut files = Vec::new();
    for Part { asset, sort, need } in parts {
        let name = asset.path.trim_start_matches('/').to_owned();
        let digest = key([asset.bytes.as_slice()]);
        let mut packed = |extension: &str, pack: fn(&[u8]) -> Result<Vec<u8>>| -> Result<Vec<u8>> {
            let file = format!("{digest}.{extension}");
            let path = memory.join(&file);
            remembered.insert(file);
            if let Ok(known) = fs::read(&path) {
                return Ok(known);
            }
            let bytes = pack(&asset.bytes)?;
            write_whole(&path, &bytes)?;
            Ok(bytes)
        };
        let (brotli, gzip) = match finish {
            Finish::Whole => (packed("br", brotli)?, packed("gz", gzip)?),
            Finish::Rough => (
                packed("quick.br", brotli_quickly)?,
                packed("quick.gz", gzip_quickly)?,
            ),
        };
        for (suffix, bytes) in [("", &asset.bytes), (".br", &brotli), (".gz", &gzip)] {
            let file = format!("{name}{suffix}");
            write_if_changed(&site.join(&file), bytes)?;
            written.insert(file);
        }
        files.push(File {
            asset,
            sort,
            need,
            brotli: brotli.len(),
            gzip: gzip.len(),
        });
    }
    keep_only(&site, &written)?;
    if finish == Finish::Whole {
        keep_only(&memory, &remembered)?;
    }
    Ok(files)
}

/// Under its own name only once it is whole: what is remembered is not looked at again, so a build that was stopped half
/// way must leave no half of a file.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn keep_only(folder: &Path, names: &BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !names.contains(entry.file_name().to_string_lossy().as_ref()) {
            fs::remove_file(entry.path())
                .with_context(|| format!("{} cannot be removed", entry.path().display()))?;
        }
    }
    Ok(())
}

/// Brotli at its best quality, for files that are compressed once and served often.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    brotli_of(bytes, 11)
}

fn brotli_quickly(bytes: &[u8]) -> Result<Vec<u8>> {
    brotli_of(bytes, 4)
}

fn brotli_of(bytes: &[u8], quality: u32) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, quality, 22);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    gzip_of(bytes, Compression::best())
}

fn gzip_quickly(bytes: &[u8]) -> Result<Vec<u8>> {
    gzip_of(bytes, Compression::fast())
}

fn gzip_of(bytes: &[u8], level: Compression) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), level);
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources::read(&Workspace::here()).expect("the sources are in the checkout")
    }

    fn assembled(js: &str) -> Vec<Part> {
        let bundle = Bundle {
            js: js.as_bytes().to_vec(),
            wasm: b"\0asm".to_vec(),
        };
        assemble(&sources(), bundle, None).expect("the sources fit together")
    }

    fn text(parts: &[Part], start: &str) -> String {
        let part = parts
            .iter()
            .find(|part| part.asset.path.starts_with(start))
            .expect("it is part of the site");
        String::from_utf8(part.asset.bytes.clone()).expect("it is text")
    }

    fn path(parts: &[Part], start: &str) -> String {
        parts
            .iter()
            .find(|part| part.asset.path.starts_with(start))
            .expect("it is part of the site")
            .asset
            .path
            .clone()
    }

    #[test]
    fn the_page_refers_to_what_was_built() {
        let parts = assembled("export default 1");
        let page = text(&parts, "/index.html");
        for start in ["/style.", "/boot.", "/hyperlegible-latin."] {
            assert!(
                page.contains(&format!("\"{}\"", path(&parts, start))),
                "{start} in {page}"
            );
        }
        assert!(!page.contains("{{"), "a blank was left in {page}");
        assert!(
            page.contains("<symbol id=\"mismatch\""),
            "the icons are in the page"
        );
    }

    #[test]
    fn nothing_in_the_page_needs_an_exception_from_the_policy() {
        let page = text(&assembled(""), "/index.html");
        assert!(!page.contains(" style="), "no style attribute");
        assert!(!page.contains("<style"), "no style element");
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script type=\"module\" src=\"/boot.").count()
        );
        assert!(!page.contains(" onclick="), "no handler attribute");
    }

    #[test]
    fn the_style_guide_comes_only_when_asked_for_and_is_no_part_of_the_shell() {
        let bundle = |js: &str| Bundle {
            js: js.as_bytes().to_vec(),
            wasm: b"\0asm".to_vec(),
        };
        let guide = Some(bundle("guide"));
        let parts = assemble(&sources(), bundle("app"), guide).expect("the sources fit together");
        let page = text(&parts, "/styleguide.html");
        let boot = path(&parts, "/styleguide-boot.");
        assert!(page.contains(&format!("\"{boot}\"")), "{page}");
        let boot = text(&parts, "/styleguide-boot.");
        for start in ["/styleguide.", "/styleguide_bg."] {
            assert!(
                boot.contains(&format!("\"{}\"", path(&parts, start))),
                "{start}"
            );
        }
        let (with, without) = (text(&parts, "/sw.js"), text(&assembled("app"), "/sw.js"));
        assert_eq!(with, without);
    }

    #[test]
    fn styles_and_start_code_refer_to_what_was_built() {
        let parts = assembled("");
        for start in ["/hyperlegible-latin.", "/hyperlegible-latin-ext."] {
            assert!(text(&parts, "/style.").contains(&format!("url(\"{}\")", path(&parts, start))));
        }
        for start in ["/app.", "/app_bg."] {
            assert!(text(&parts, "/boot.").contains(&format!("\"{}\"", path(&parts, start))));
        }
    }

    #[test]
    fn the_worker_keeps_everything_but_itself_and_the_licences() {
        let parts = assembled("");
        let worker = text(&parts, "/sw.js");
        for part in &parts {
            let listed = worker.contains(&format!(
                "[\"{}\",\"{}\"]",
                served_at(&part.asset.path),
                part.asset.integrity()
            ));
            let expected = part.need != Need::Asked && part.asset.path != "/sw.js";
            assert_eq!(listed, expected, "{}", part.asset.path);
        }
    }

    #[test]
    fn another_app_is_another_version_throughout() {
        let (one, other) = (assembled("one"), assembled("other"));
        for start in ["/app.", "/boot."] {
            assert_ne!(path(&one, start), path(&other, start));
        }
        assert_ne!(text(&one, "/sw.js"), text(&other, "/sw.js"));
        assert_eq!(
            path(&one, "/style."),
            path(&other, "/style."),
            "what did not change keeps its name"
        );
        assert_eq!(
            text(&one, "/sw.js"),
            text(&assembled("one"), "/sw.js"),
            "the same sources are the same bytes"
        );
    }

    #[test]
    fn every_icon_of_the_manifest_is_served() {
        let parts = assembled("");
        let manifest: serde_json::Value =
            serde_json::from_str(&text(&parts, "/manifest")).expect("it is JSON");
        let icons = manifest["icons"].as_array().expect("it lists icons");
        for icon in icons {
            let source = icon["src"].as_str().expect("an icon has a source");
            assert!(
                parts.iter().any(|part| part.asset.path == source),
                "{source}"
            );
        }
        for purpose in ["any", "maskable"] {
            for size in ["192x192", "512x512", "any"] {
                assert!(
                    icons
                        .iter()
                        .any(|icon| icon["purpose"] == purpose && icon["sizes"] == size),
                    "{purpose} {size}"
                );
            }
        }
    }

    #[test]
    fn what_was_compressed_reads_back() {
        let plain = b"Care goes on. Care goes on. Care goes on.".repeat(20);
        let mut read = Vec::new();
        brotli::BrotliDecompress(
            &mut brotli(&plain).expect("it compresses").as_slice(),
            &mut read,
        )
        .expect("it reads back");
        assert_eq!(read, plain);
        let packed = gzip(&plain).expect("it compresses");
        let mut read = Vec::new();
        std::io::copy(
            &mut flate2::read::GzDecoder::new(packed.as_slice()),
            &mut read,
        )
        .expect("it reads back");
        assert_eq!(read, plain);
    }
}
