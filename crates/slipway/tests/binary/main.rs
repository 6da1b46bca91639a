//! The real binary, started and used from outside.

#[cfg(test)]
mod connect;
#[cfg(test)]
mod data;
#[cfg(test)]
mod database;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod encoding;
#[cfg(test)]
mod env;
#[cfg(test)]
mod exec;
#[cfg(test)]
mod handshakes;
#[cfg(test)]
mod http2;
#[cfg(test)]
mod issuers;
#[cfg(test)]
mod key_file;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod outbound_ca;
#[cfg(test)]
mod package;
#[cfg(test)]
mod process;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod token;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod wire;
