//! NumPy's `savez`: a ZIP of arrays. Reads just the three that a set of faces with votes has.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use moodlark_sense::luma::Luma;

use crate::{
    figures::{EXPRESSIONS, Raw},
    votes::{majority, share},
};

/// Faces with one right answer each.
pub(crate) struct Set {
    /// 48×48 each.
    pub(crate) faces: Vec<Luma>,
    /// 0..=6 in FER2013's order, one a face.
    pub(crate) labels: Vec<usize>,
}

/// Faces that ten people looked at.
pub(crate) struct Voted {
    /// 48×48 each.
    pub(crate) faces: Vec<Luma>,
    /// How many of ten people saw each expression, in FER2013's order.
    pub(crate) votes: Vec<Raw>,
    /// FER2013's own labels, where they are known.
    pub(crate) labels: Vec<Option<usize>>,
}

impl Voted {
    /// The votes as distributions.
    pub(crate) fn shares(&self) -> Vec<Raw> {
        self.votes.iter().map(share).collect()
    }

    /// The faces that more than half of the ten agree about, with that as the right answer.
    pub(crate) fn agreed(&self) -> Set {
        let (labels, faces) = self
            .votes
            .iter()
            .zip(&self.faces)
            .filter_map(|(votes, face)| Some((majority(votes)?, face.clone())))
            .unzip();
        Set { faces, labels }
    }

    /// Those of what there is one of for each face that belong to [`Voted::agreed`].
    pub(crate) fn of_agreed<T: Copy>(&self, all: &[T]) -> Vec<T> {
        let each = self.votes.iter().zip(all);
        each.filter(|(votes, _)| majority(votes).is_some())
            .map(|(_, one)| *one)
            .collect()
    }
}

/// Reads `X` (n×48×48, unsigned bytes), `V` (n×7 votes) and `Y` (n labels, −1 where none is known), both integers of 1, 4 or
/// 8 bytes: what `models/training/fer.py` writes.
pub(crate) fn read(path: &Path) -> Result<Voted> {
    let zip = std::fs::read(path)?;
    let (shape, pixels, width) = array(&zip, "X.npy")?;
    ensure!(
        width == 1 && shape.len() == 3,
        "X is not n×rows×columns of bytes"
    );
    let faces = pixels
        .chunks_exact(shape[1] * shape[2])
        .map(|face| Luma::new(shape[2], shape[1], face.to_vec()).context("X is empty"))
        .collect::<Result<Vec<_>>>()?;
    // Labels and votes are small: their lowest byte is all of them, and 255 is −1.
    let small = |name: &str| -> Result<Vec<u8>> {
        let (_, bytes, width) = array(&zip, name)?;
        Ok(bytes.chunks_exact(width).map(|n| n[0]).collect())
    };
    let label = |byte: u8| (byte != u8::MAX).then_some(usize::from(byte));
    let labels: Vec<Option<usize>> = small("Y.npy")?.into_iter().map(label).collect();
    let votes: Vec<Raw> = small("V.npy")
        .context("people's votes are not in there: models/training/fer.py writes them")?
        .chunks_exact(EXPRESSIONS)
        .map(|face| std::array::from_fn(|e| f64::from(face[e])))
        .collect();
    ensure!(
        labels.len() == faces.len() && votes.len() == faces.len(),
        "X, V and Y are not of one length"
    );
    ensure!(
        labels.iter().flatten().all(|l| *l < EXPRESSIONS),
        "Y has a label above 6"
    );
    Ok(Voted {
        faces,
        votes,
        labels,
    })
}

/// The shape, the bytes and the width of an element of the array of this name.
fn array(zip: &[u8], name: &str) -> Result<(Vec<usize>, Vec<u8>, usize)> {
    let npy = member(zip, name).with_context(|| format!("no usable {name}"))?;
    ensure!(
        npy.starts_with(b"\x93NUMPY\x01"),
        "{name} is no array of version 1"
    );
    let length = usize::from(u16::from_le_bytes([npy[8], npy[9]]));
    let header = std::str::from_utf8(npy.get(10..10 + length).context("cut short")?)?;
    ensure!(
        header.contains("'fortran_order': False"),
        "{name} is in Fortran's order"
    );
    let after = |key: &str| {
        header
            .split(key)
            .nth(1)
            .with_context(|| format!("{name} has no {key}"))
    };
    let width: usize = after("'descr': '")?
        .chars()
        .filter(char::is_ascii_digit)
        .take(1)
        .collect::<String>()
        .parse()?;
    let shape = after("'shape': (")?.split(')').next().unwrap_or_default();
    let shape = shape
        .split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok((shape, npy[10 + length..].to_vec(), width))
}

/// The contents of a member, by the ZIP's central directory.
fn member(zip: &[u8], name: &str) -> Result<Vec<u8>> {
    let u16_at = |at: usize| -> Result<usize> {
        Ok(usize::from(u16::from_le_bytes(
            zip.get(at..at + 2).context("cut short")?.try_into()?,
        )))
    };
    let u32_at = |at: usize| -> Result<usize> {
        Ok(u32::from_le_bytes(zip.get(at..at + 4).context("cut short")?.try_into()?) as usize)
    };
    let end = zip
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")
        .context("it is no ZIP")?;
    let mut at = u32_at(end + 16)?;
    for _ in 0..u16_at(end + 10)? {
        let (method, packed) = (u16_at(at + 10)?, u32_at(at + 20)?);
        let (name_length, extra, comment) = (u16_at(at + 28)?, u16_at(at + 30)?, u16_at(at + 32)?);
        let found = zip
            .get(at + 46..at + 46 + name_length)
            .context("cut short")?;
        if found == name.as_bytes() {
            let local = u32_at(at + 42)?;
            let start = local + 30 + u16_at(local + 26)? + u16_at(local + 28)?;
            let data = zip.get(start..start + packed).context("cut short")?;
            return match method {
                0 => Ok(data.to_vec()),
                8 => miniz_oxide::inflate::decompress_to_vec(data)
                    .map_err(|e| anyhow::anyhow!("{e}")),
                other => bail!("packed by method {other}"),
            };
        }
        at += 46 + name_length + extra + comment;
    }
    bail!("it is not in there")
}
