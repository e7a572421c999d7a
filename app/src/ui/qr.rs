//! QR codes, drawn on the server.

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// A QR code of a text: dark squares on a light ground in every colour scheme, since it is for cameras. Nothing where
/// the text is too long for one.
#[component]
pub fn Qr(
    /// What it holds: an address.
    #[prop(into)]
    text: String,
    /// What it is, for readers of screens.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let code = QrCode::with_error_correction_level(&text, EcLevel::M).ok()?;
    let side = code.width();
    // Four modules of quiet around it, as the standard asks.
    let mut path = String::new();
    for (n, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", n % side + 4, n / side + 4));
        }
    }
    let whole = side + 8;
    let view_box = format!("0 0 {whole} {whole}");
    Some(view! {
        <svg class="qr" viewBox=view_box width="200" height="200" role="img" aria-label=label shape-rendering="crispEdges">
            <rect width=whole.to_string() height=whole.to_string() fill="#fff"/>
            <path d=path fill="#000"/>
        </svg>
    })
}
