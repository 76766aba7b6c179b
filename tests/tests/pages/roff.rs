//! Writing roff, the language of manual pages.

/// A page in the making.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// A page with its title and name.
    pub(crate) fn new(name: &str, section: u8, about: &str) -> Self {
        let mut page = Self::default();
        let version = env!("CARGO_PKG_VERSION");
        page.line(&format!(
            ".TH \"{}\" \"{section}\" \"\" \"Moodlark {version}\" \"Moodlark\"",
            escape(name)
        ));
        page.section("Name");
        page.line(&format!("{} \\- {}", escape(name), inline(about)));
        page
    }

    /// The whole page.
    pub(crate) fn text(self) -> String {
        self.text
    }

    fn line(&mut self, line: &str) {
        self.text += line;
        self.text += "\n";
    }

    /// A section.
    pub(crate) fn section(&mut self, title: &str) {
        self.line(&format!(".SH \"{}\"", escape(&title.to_uppercase())));
    }

    /// A section within a section.
    pub(crate) fn part(&mut self, title: &str) {
        self.line(&format!(".SS \"{}\"", escape(title).replace('"', "\\(dq")));
    }

    /// A paragraph begins; a heading has begun one already.
    fn gap(&mut self) {
        let last = self.text.lines().last().unwrap_or_default();
        if !last.starts_with(".SH") && !last.starts_with(".SS") {
            self.line(".PP");
        }
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.gap();
        self.prose(text);
    }

    /// Text that goes on where it stands.
    pub(crate) fn prose(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let line = inline(line);
            // A dot or an apostrophe in front would be a command.
            let guard = if line.starts_with(['.', '\'']) {
                "\\&"
            } else {
                ""
            };
            self.line(&format!("{guard}{line}"));
        }
    }

    /// What stands in front, and what is said of it beside or below.
    pub(crate) fn entry(&mut self, tag: &str, text: &str) {
        self.line(".TP");
        self.line(&inline(tag));
        if text.trim().is_empty() {
            self.line("\\&");
        } else {
            self.prose(text);
        }
    }

    /// A line of its own from here.
    pub(crate) fn line_break(&mut self) {
        self.line(".br");
    }

    /// Lines as they are.
    pub(crate) fn example<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) {
        self.gap();
        self.line(".RS 4");
        self.line(".nf");
        for line in lines {
            let line = escape(line);
            let guard = if line.starts_with(['.', '\'']) {
                "\\&"
            } else {
                ""
            };
            self.line(&format!("{guard}{line}"));
        }
        self.line(".fi");
        self.line(".RE");
    }

    /// What `write` writes stands further in.
    pub(crate) fn inside(&mut self, write: impl FnOnce(&mut Self)) {
        self.line(".RS");
        write(self);
        self.line(".RE");
    }
}

/// Text without any meaning to roff.
pub(crate) fn escape(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}

/// Text with `code` and **bold** as the code's comments have them, both bold.
pub(crate) fn inline(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.replace("**", "`").split('`').enumerate() {
        let part = escape(part);
        if index % 2 == 1 {
            out += &format!("\\fB{part}\\fR");
        } else {
            out += &part;
        }
    }
    out
}

#[test]
fn what_means_something_to_roff_is_escaped() {
    assert_eq!(inline("a `--b` c\\d"), "a \\fB\\-\\-b\\fR c\\ed");
    let mut page = Page::default();
    page.prose(".so nothing");
    assert_eq!(page.text(), "\\&.so nothing\n");
}
