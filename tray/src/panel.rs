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
    let mut there: Option<(TrayIcon, Shown)> = None;
    while let Ok(next) = orders.recv() {
        // What came while the last was being shown: the newest counts.
        let next = orders.try_iter().last().unwrap_or(next);
        let done = match &mut there {
            Some((icon, last)) => change(icon, last, &next).map(|()| *last = next),
            None => build(&next).map(|icon| there = Some((icon, next))),
        };
        if let Err(error) = done {
            tracing::warn!("the icon could not be shown, which is tried again: {error:#}");
        }
    }
    // The bus takes the icon away when the process ends; the library would wait for it, for ever where the
    // bus hangs.
    std::mem::forget(there);
}

fn build(shown: &Shown) -> Result<TrayIcon> {
    TrayIconBuilder::new()
        .with_id(ID)
        .with_title(words::TITLE)
        .with_icon(icon(shown.picture)?)
        .with_tooltip(&shown.tooltip)
        .with_menu(Box::new(menu(&shown.menu)?))
        .build()
        .context("joining the panel")
}

/// Hands over what differs: panels draw anew whatever they are told of.
fn change(icon: &TrayIcon, last: &Shown, next: &Shown) -> Result<()> {
    if last.picture != next.picture {
        icon.set_icon(Some(self::icon(next.picture)?))?;
    }
    if last.tooltip != next.tooltip {
        icon.set_tooltip(Some(&next.tooltip))?;
    }
    if last.menu != next.menu {
        icon.set_menu(Some(Box::new(menu(&next.menu)?)));
    }
    Ok(())
}

fn icon(picture: Picture) -> Result<Icon> {
    let pixels = draw(picture, SIDE).context("drawing the icon")?;
    Icon::from_rgba(pixels, SIDE, SIDE).context("handing over the icon")
}

fn menu(items: &[Item]) -> Result<Menu> {
    let menu = Menu::new();
    for item in items {
        menu.append(entry(item)?.as_ref())?;
    }
    Ok(menu)
}

fn entry(item: &Item) -> Result<Box<dyn IsMenuItem>> {
    Ok(match item {
        Item::Line(text) => Box::new(MenuItem::new(plain(text), false, None)),
        Item::Do {
            action,
            text,
            enabled,
        } => Box::new(MenuItem::with_id(action.id(), plain(text), *enabled, None)),
        Item::Tick {
            action,
            text,
            ticked,
        } => Box::new(CheckMenuItem::with_id(
            action.id(),
            plain(text),
            true,
            *ticked,
            None,
        )),
        Item::Sub { text, items } => {
            let menu = Submenu::new(plain(text), true);
            for item in items {
                menu.append(entry(item)?.as_ref())?;
            }
            Box::new(menu)
        }
        Item::Separator => Box::new(PredefinedMenuItem::separator()),
    })
}

/// A `&` would mark the letter to press.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}
