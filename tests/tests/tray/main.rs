//! The tray as a user has it: the real program, the real service, real panels, a real notification daemon.

mod life;
mod menu;
mod panels;
mod restarts;
mod stage;
