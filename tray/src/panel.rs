//! The icon in the panel, by tray-icon: shown, changed, clicked.
//!
//! A thread of its own builds and changes it: the library's objects must not change threads, and its calls
//! wait for the bus, which the main loop must not.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

use anyhow::{Context, Result};
use tokio::sync::mpsc::UnboundedSender;
use tray_icon::{
    Icon, MouseButton, TrayIcon, TrayIconBuilder, TrayIconEvent,
    menu::{CheckMenuItem, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu},
};

use crate::{
    draw::draw,
    menu::{Action, Item},
    picture::Picture,
    words,
};

/// What panels know the icon by.
const ID: &str = "moodlark";

/// The library hands over one size alone. From 48, panels make 24 and 16 without a remainder, and screens
/// of twice the density have it whole.
const SIDE: u32 = 48;

/// All that is to be seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) picture: Picture,
    pub(crate) tooltip: String,
    pub(crate) menu: Vec<Item>,
}

/// What the user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clicked {
    /// An entry of the menu.
    Entry(Action),
    /// The icon itself, with the left button.
    Icon,
}

/// The icon's thread.
pub(crate) struct Panel {
    orders: Sender<Shown>,
}

impl Panel {
    /// Starts the thread. Nothing is shown yet.
    pub(crate) fn start(clicked: UnboundedSender<Clicked>) -> Result<Self> {
        let entries = clicked.clone();
        MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
            if let Some(action) = Action::of_id(event.id.as_ref()) {
                let _ = entries.send(Clicked::Entry(action)); // the tray ends
            }
        }));
        TrayIconEvent::set_event_handler(Some(move |event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                ..
            } = event
            {
                let _ = clicked.send(Clicked::Icon); // the tray ends
            }
        }));
        let (orders, incoming) = channel();
        thread::Builder::new()
            .name("icon".into())
            // What it draws on is on the heap.
            .stack_size(256 * 1024)
            .spawn(move || work(&incoming))
            .context("starting the icon's thread")?;
        Ok(Self { orders })
    }

    /// Shows this from now on; tries anew what failed.
    pub(crate) fn show(&self, shown: Shown) -> Result<()> {
        self.orders
            .send(shown)
            .map_err(|_| anyhow::anyhow!("the icon's thread has ended"))
    }
}

fn work(orders: &Receiver<Shown>) {
    let mut there: Option<Hung> = None;
    while let Ok(next) = orders.recv() {
        // What came while the last was being shown: the newest counts.
        let next = orders.try_iter().last().unwrap_or(next);
        let done = match &mut there {
            Some(icon) => icon.change(next),
            None => Hung::build(next).map(|icon| there = Some(icon)),
        };
        if let Err(error) = done {
            tracing::warn!("the icon could not be shown, which is tried again: {error:#}");
        }
    }
    // The bus takes the icon away when the process ends; the library would wait for it, for ever where the
    // bus hangs.
    std::mem::forget(there);
}

/// The icon as it hangs in the panel.
struct Hung {
    icon: TrayIcon,
    shown: Shown,
    /// The menu's entries at every depth, in order.
    entries: Vec<Entry>,
}

/// An entry whose words may change.
enum Entry {
    Plain(MenuItem),
    Tick(CheckMenuItem),
    /// Submenus and separators keep their words.
    Fixed,
}

impl Hung {
    fn build(shown: Shown) -> Result<Self> {
        let (menu, entries) = menu(&shown.menu)?;
        let icon = TrayIconBuilder::new()
            .with_id(ID)
            .with_title(words::TITLE)
            .with_icon(picture(shown.picture)?)
            .with_tooltip(&shown.tooltip)
            .with_menu(Box::new(menu))
            .build()
            .context("joining the panel")?;
        Ok(Self {
            icon,
            shown,
            entries,
        })
    }

    /// Hands over what differs: panels draw anew whatever they are told of.
    fn change(&mut self, next: Shown) -> Result<()> {
        if self.shown.picture != next.picture {
            self.icon.set_icon(Some(picture(next.picture)?))?;
        }
        if self.shown.tooltip != next.tooltip {
            self.icon.set_tooltip(Some(&next.tooltip))?;
        }
        if same_shape(&self.shown.menu, &next.menu) {
            let mut entries = self.entries.iter();
            rename(&mut entries, &self.shown.menu, &next.menu);
        } else {
            let (menu, entries) = menu(&next.menu)?;
            self.icon.set_menu(Some(Box::new(menu)));
            self.entries = entries;
        }
        self.shown = next;
        Ok(())
    }
}

/// Whether one menu can become the other by new words and ticks alone: then one that is open stays open.
fn same_shape(old: &[Item], new: &[Item]) -> bool {
    old.len() == new.len()
        && old.iter().zip(new).all(|pair| match pair {
            (Item::Line(_), Item::Line(_)) | (Item::Separator, Item::Separator) => true,
            (Item::Do { action: old, .. }, Item::Do { action: new, .. })
            | (Item::Tick { action: old, .. }, Item::Tick { action: new, .. }) => old == new,
            (Item::Sub { items: old, .. }, Item::Sub { items: new, .. }) => same_shape(old, new),
            _ => false,
        })
}

fn rename<'a>(entries: &mut impl Iterator<Item = &'a Entry>, old: &[Item], new: &[Item]) {
    for (old, new) in old.iter().zip(new) {
        match (entries.next(), new) {
            (Some(Entry::Plain(entry)), Item::Line(text)) if old != new => {
                entry.set_text(plain(text));
            }
            (Some(Entry::Plain(entry)), Item::Do { text, enabled, .. }) if old != new => {
                entry.set_text(plain(text));
                entry.set_enabled(*enabled);
            }
            // Not what was last said counts but what is there: a click ticks at once, whatever comes of it.
            (Some(Entry::Tick(entry)), Item::Tick { ticked, .. })
                if entry.is_checked() != *ticked =>
            {
                entry.set_checked(*ticked);
            }
            (Some(Entry::Fixed), Item::Sub { items: new, .. }) => {
                if let Item::Sub { items: old, .. } = old {
                    rename(entries, old, new);
                }
            }
            _ => {}
        }
    }
}

fn picture(picture: Picture) -> Result<Icon> {
    let pixels = draw(picture, SIDE).context("drawing the icon")?;
    Icon::from_rgba(pixels, SIDE, SIDE).context("handing over the icon")
}

fn menu(items: &[Item]) -> Result<(Menu, Vec<Entry>)> {
    let (menu, mut entries) = (Menu::new(), Vec::new());
    fill(items, &mut entries, &|entry| menu.append(entry))?;
    Ok((menu, entries))
}

fn fill(
    items: &[Item],
    entries: &mut Vec<Entry>,
    append: &dyn Fn(&dyn IsMenuItem) -> tray_icon::menu::Result<()>,
) -> Result<()> {
    for item in items {
        match item {
            Item::Line(text) => {
                let entry = MenuItem::new(plain(text), false, None);
                append(&entry)?;
                entries.push(Entry::Plain(entry));
            }
            Item::Do {
                action,
                text,
                enabled,
            } => {
                let entry = MenuItem::with_id(action.id(), plain(text), *enabled, None);
                append(&entry)?;
                entries.push(Entry::Plain(entry));
            }
            Item::Tick {
                action,
                text,
                ticked,
            } => {
                let entry = CheckMenuItem::with_id(action.id(), plain(text), true, *ticked, None);
                append(&entry)?;
                entries.push(Entry::Tick(entry));
            }
            Item::Sub { text, items } => {
                let sub = Submenu::new(plain(text), true);
                append(&sub)?;
                entries.push(Entry::Fixed);
                fill(items, entries, &|entry| sub.append(entry))?;
            }
            Item::Separator => {
                append(&PredefinedMenuItem::separator())?;
                entries.push(Entry::Fixed);
            }
        }
    }
    Ok(())
}

/// A `&` would mark the letter to press.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}
