//! Layouts of times as the OpenTelemetry Collector reads them (open-telemetry/opentelemetry-collector-contrib
//! internal/coreinternal/timeutils/internal/ctimefmt/ctimefmt.go@v0.96.0, @v0.112.0, @v0.134.0, @v0.158.0).

const DIRECTIVES: &str = "YymoqbhBdegaAHlIpPMSLfsZzwijkDxFTXrRnt%c";

/// The first directive that is not known. A `%` at the end of a line is none.
#[must_use]
pub fn unknown(layout: &str) -> Option<char> {
    let mut rest = layout.chars();
    while let Some(c) = rest.next() {
        if c == '%'
            && rest.clone().next().is_some_and(|c| c != '\n')
            && let Some(directive) = rest.next().filter(|c| !DIRECTIVES.contains(*c))
        {
            return Some(directive);
        }
    }
    None
}

/// What `Validate` takes since v0.134.0: no digits, and fractions of seconds behind a `.` or `,` alone.
#[must_use]
pub fn is_valid(layout: &str) -> bool {
    let chars: Vec<char> = layout.chars().collect();
    let fraction = |w: &[char]| !matches!(w[0], '.' | ',') && w[1] == '%' && matches!(w[2], 'L' | 'f' | 's');
    !layout.bytes().any(|b| b.is_ascii_digit()) && !chars.windows(3).any(fraction) && unknown(layout).is_none()
}
