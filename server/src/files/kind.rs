//! What a file is, by its bytes. Its name and what the browser says of it mean nothing.

use std::io::{self, Read, Seek, SeekFrom};

/// A kind of file that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A photo, lossy.
    Jpeg,
    /// A picture, lossless.
    Png,
    /// A picture of either sort.
    Webp,
    /// A document ready to print.
    Pdf,
    /// The national format of documents ready to print (GB/T 33190).
    Ofd,
    /// Text, today's format.
    Docx,
    /// Tables, today's format.
    Xlsx,
    /// Slides, today's format.
    Pptx,
    /// Text, the format up to 2003 (and .wps).
    Doc,
    /// Tables, the format up to 2003 (and .et).
    Xls,
    /// Slides, the format up to 2003 (and .dps).
    Ppt,
}

impl Kind {
    /// The media type it is stored and served with.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
        }
    }

    /// The endings that a file of this kind may have; the first is the usual one.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Ofd => &["ofd"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Doc => &["doc", "wps"],
            Self::Xls => &["xls", "et"],
            Self::Ppt => &["ppt", "dps"],
        }
    }

    /// Whether it is a picture, which is stored re-encoded.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }

    /// The name with an ending that fits the kind.
    #[must_use]
    pub fn named(self, name: &str) -> String {
        if let Some((stem, ending)) = name.rsplit_once('.') {
            if self.endings().iter().any(|fits| ending.eq_ignore_ascii_case(fits)) {
                return name.to_owned();
            }
            // What looks like an ending is replaced; 「3.2号楼照片」 has none.
            if !stem.is_empty()
                && !ending.is_empty()
                && ending.len() <= 5
                && ending.bytes().all(|b| b.is_ascii_alphanumeric())
            {
                return format!("{stem}.{}", self.endings()[0]);
            }
        }
        format!("{name}.{}", self.endings()[0])
    }
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A kind that is accepted.
    Accepted(Kind),
    /// A photo in a format that most machines in the offices cannot show: HEIC, AVIF.
    Heic,
    /// An office file with macros.
    Macros,
    /// An office file that is locked with a password, which nobody else could open.
    Locked,
    /// Something else.
    Unknown,
}

/// How much of a zip's list of contents is read.
const DIRECTORY_LIMIT: u64 = 4 << 20;

/// Reads what the bytes are.
///
/// # Errors
/// When they cannot be read.
pub fn detect(file: &mut (impl Read + Seek)) -> io::Result<Found> {
    let mut head = [0; 1024];
    let length = read_up_to(file, &mut head)?;
    let head = &head[..length];
    Ok(match head {
        [0xff, 0xd8, 0xff, ..] => Found::Accepted(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Found::Accepted(Kind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Found::Accepted(Kind::Webp),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heic(brand) => Found::Heic,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => compound(file)?,
        [b'P', b'K', 3, 4, ..] => zip(file)?,
        // Scanners put a few bytes of their own before the mark.
        _ if contains(head, b"%PDF-") => Found::Accepted(Kind::Pdf),
        _ => Found::Unknown,
    })
}

fn is_heic(brand: &[u8]) -> bool {
    let brand = brand.get(..4).unwrap_or_default();
    [&b"heic"[..], b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"].contains(&brand)
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            n => length += n,
        }
    }
    Ok(length)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// An OLE2 compound file: which of the three programs wrote it stands in the names of its streams, UTF-16.
fn compound(file: &mut (impl Read + Seek)) -> io::Result<Found> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        contains(&bytes, &wide)
    };
    Ok(if has("EncryptedPackage") {
        Found::Locked
    } else if has("_VBA_PROJECT_CUR") || has("_VBA_PROJECT") {
        Found::Macros
    } else if has("WordDocument") {
        Found::Accepted(Kind::Doc)
    } else if has("PowerPoint Document") {
        Found::Accepted(Kind::Ppt)
    } else if has("Workbook") || has("Book") {
        Found::Accepted(Kind::Xls)
    } else {
        Found::Unknown
    })
}

/// A zip: what it is stands in the names of its parts.
fn zip(file: &mut (impl Read + Seek)) -> io::Result<Found> {
    let names = zip_names(file)?;
    let has = |name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let below = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    Ok(if has("OFD.xml") {
        Found::Accepted(Kind::Ofd)
    } else if !has("[Content_Types].xml") {
        Found::Unknown
    } else if names.iter().any(|n| n.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        Found::Macros
    } else if below("word/") {
        Found::Accepted(Kind::Docx)
    } else if below("xl/") {
        Found::Accepted(Kind::Xlsx)
    } else if below("ppt/") {
        Found::Accepted(Kind::Pptx)
    } else {
        Found::Unknown
    })
}

/// The names in a zip's central directory; none when there is no readable one.
fn zip_names(file: &mut (impl Read + Seek)) -> io::Result<Vec<String>> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_from = length.saturating_sub(22 + 0xffff);
    file.seek(SeekFrom::Start(tail_from))?;
    let mut tail = Vec::new();
    file.take(22 + 0xffff).read_to_end(&mut tail)?;
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else {
        return Ok(Vec::new());
    };
    let (Some(size), Some(start)) = (number(&tail, end + 12, 4), number(&tail, end + 16, 4)) else {
        return Ok(Vec::new());
    };
    if size > DIRECTORY_LIMIT || start > length {
        return Ok(Vec::new());
    }
    file.seek(SeekFrom::Start(start))?;
    let mut directory = Vec::new();
    file.take(size).read_to_end(&mut directory)?;
    let mut names = Vec::new();
    let mut at = 0;
    while directory.get(at..at + 4) == Some(b"PK\x01\x02") {
        let (Some(name), Some(extra), Some(comment)) =
            (number(&directory, at + 28, 2), number(&directory, at + 30, 2), number(&directory, at + 32, 2))
        else {
            break;
        };
        let [name, extra, comment] = [name, extra, comment].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let from = at + 46;
        let Some(bytes) = directory.get(from..from.saturating_add(name)) else { break };
        names.push(String::from_utf8_lossy(bytes).into_owned());
        at = from + name + extra + comment;
    }
    Ok(names)
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + width)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A zip whose parts are empty.
    pub(crate) fn a_zip(names: &[&str]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for name in names {
            let offset = u32::try_from(out.len()).unwrap();
            let length = u16::try_from(name.len()).unwrap();
            out.extend(b"PK\x03\x04");
            out.extend([0; 22]);
            out.extend(length.to_le_bytes());
            out.extend([0; 2]);
            out.extend(name.as_bytes());
            directory.extend(b"PK\x01\x02");
            directory.extend([0; 24]);
            directory.extend(length.to_le_bytes());
            directory.extend([0; 12]);
            directory.extend(offset.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let (start, size) = (u32::try_from(out.len()).unwrap(), u32::try_from(directory.len()).unwrap());
        out.extend(directory);
        out.extend(b"PK\x05\x06");
        out.extend([0; 8]);
        out.extend(size.to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0; 2]);
        out
    }

    fn a_compound(stream: &str) -> Vec<u8> {
        let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
        bytes.extend([0; 2000]);
        bytes.extend(stream.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        bytes.extend([0; 100]);
        bytes
    }

    fn found(bytes: &[u8]) -> Found {
        detect(&mut Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        use Found::{Accepted, Heic, Locked, Macros, Unknown};
        let types = "[Content_Types].xml";
        for (bytes, expected) in [
            (b"\xff\xd8\xff\xe0....".to_vec(), Accepted(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), Accepted(Kind::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), Accepted(Kind::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), Unknown),
            (b"%PDF-1.7\n".to_vec(), Accepted(Kind::Pdf)),
            (b"\n\n scanner\n%PDF-1.4\n".to_vec(), Accepted(Kind::Pdf)),
            (b"\0\0\0\x18ftypheic\0\0".to_vec(), Heic),
            (b"\0\0\0\x18ftypavif\0\0".to_vec(), Heic),
            (b"\0\0\0\x18ftypmp42\0\0".to_vec(), Unknown),
            (a_zip(&[types, "word/document.xml"]), Accepted(Kind::Docx)),
            (a_zip(&[types, "xl/workbook.xml"]), Accepted(Kind::Xlsx)),
            (a_zip(&[types, "ppt/presentation.xml"]), Accepted(Kind::Pptx)),
            (a_zip(&[types, "word/document.xml", "word/vbaProject.bin"]), Macros),
            (a_zip(&["OFD.xml", "Doc_0/Document.xml"]), Accepted(Kind::Ofd)),
            (a_zip(&["AndroidManifest.xml", "word/x"]), Unknown),
            (a_zip(&[]), Unknown),
            (b"PK\x03\x04 cut off".to_vec(), Unknown),
            (a_compound("WordDocument"), Accepted(Kind::Doc)),
            (a_compound("Workbook"), Accepted(Kind::Xls)),
            (a_compound("PowerPoint Document"), Accepted(Kind::Ppt)),
            (a_compound("EncryptedPackage"), Locked),
            (a_compound("_VBA_PROJECT"), Macros),
            (a_compound("__substg1.0_0037001F"), Unknown),
            (b"MZ\x90\0".to_vec(), Unknown),
            (b"<html><script>alert(1)</script>".to_vec(), Unknown),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), Unknown),
            (Vec::new(), Unknown),
        ] {
            assert_eq!(found(&bytes), expected, "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(40)]));
        }
    }

    #[test]
    fn the_ending_follows_the_kind() {
        for (kind, name, expected) in [
            (Kind::Jpeg, "路灯.JPEG", "路灯.JPEG"),
            (Kind::Jpeg, "路灯.png", "路灯.jpg"),
            (Kind::Jpeg, "路灯.webp", "路灯.jpg"),
            (Kind::Doc, "申请.wps", "申请.wps"),
            (Kind::Pdf, "方案.exe", "方案.pdf"),
            (Kind::Png, "3.2号楼照片", "3.2号楼照片.png"),
            (Kind::Png, ".png", ".png"),
            (Kind::Png, "没有点", "没有点.png"),
        ] {
            assert_eq!(kind.named(name), expected);
        }
    }
}
