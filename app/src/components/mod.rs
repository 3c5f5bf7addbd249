//! The parts that screens are made of, each named as its class in `style/components.css`.

pub mod action;
pub mod asked;
pub mod change;
pub mod choice;
pub mod combobox;
pub mod field;
pub mod filter;
pub mod form;
pub mod frame;
pub mod home_screen;
pub mod icon;
pub mod legend;
pub mod list;
pub mod message;
pub mod sheet;
