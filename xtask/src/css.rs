//! The four style layers as one small file. Only what no reader of CSS could miss is taken out: comments and spaces.

/// Takes comments and needless spaces out of CSS. Strings are kept as they are.
pub fn minify(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").map_or("", |(_, after)| after);
        } else if next == '"' || next == '\'' {
            let string = quoted(rest, next);
            out.push_str(string);
            rest = &rest[string.len()..];
        } else if next.is_ascii_whitespace() {
            rest = rest.trim_ascii_start();
            if !out.is_empty() && !out.ends_with(['{', '}', ';', ',', ':', ' ']) {
                out.push(' ');
            }
        } else {
            if matches!(next, '{' | '}' | ';' | ',') && out.ends_with(' ') {
                out.pop();
            }
            if next == '}' && out.ends_with(';') {
                out.pop();
            }
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The string that `text` begins with, its quotes included.
fn quoted(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return &text[..=at],
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_spaces_go() {
        let source = "/* Why. */\n.Tile {\n  color: var(--ink);  /* ink */\n  margin: 0 auto;\n}\n\n.Tile > a, .Tile b { gap: 0; }\n";
        assert_eq!(
            minify(source),
            ".Tile{color:var(--ink);margin:0 auto}.Tile > a,.Tile b{gap:0}"
        );
    }

    #[test]
    fn what_means_something_stays() {
        for (source, expected) in [
            (
                "a { inline-size: calc(1rem + 2px - 1vw); }",
                "a{inline-size:calc(1rem + 2px - 1vw)}",
            ),
            (".a .b:hover :focus { x: y }", ".a .b:hover :focus{x:y}"),
            ("& .Mark + b { x: y }", "& .Mark + b{x:y}"),
            (
                "@media (min-width: 48em) and (x) { }",
                "@media (min-width:48em) and (x){}",
            ),
            (
                "a { content: \" /* not a comment */ ; \"; }",
                "a{content:\" /* not a comment */ ; \"}",
            ),
            ("a { content: \"\\\" }\"; }", "a{content:\"\\\" }\"}"),
            (
                "a { font: 12px/1.4 \"A  B\", sans-serif }",
                "a{font:12px/1.4 \"A  B\",sans-serif}",
            ),
            ("@layer tokens, base;", "@layer tokens,base;"),
            ("a { b: c !important; }", "a{b:c !important}"),
        ] {
            assert_eq!(minify(source), expected);
            assert_eq!(minify(expected), expected, "a second time changes nothing");
        }
    }
}
