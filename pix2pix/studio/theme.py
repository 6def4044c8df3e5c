"""The studio's look: IBM Plex on cool paper, one cobalt accent taken from the label maps. Colors live in web/studio.css."""

import gradio as gr

from pix2pix.studio.page import modules, static

# Gradio's own files of regular and bold are complete (its semi-bold lacks most letters). Preloaded, so that text does not
# change its font while the page appears.
FONTS = tuple(f"static/fonts/{name}.woff2" for name in ("IBMPlexSans/IBMPlexSans-Regular", "IBMPlexSans/IBMPlexSans-Bold"))


def css() -> str:
    """Return the style sheets of the page."""
    tabs = (static(f"{tab}/{tab}.css") for tab in ("draw", "photo", "models", "networks"))
    return static("studio.css") + "".join(tabs)


def head() -> str:
    """Return the colors of the first paint, before Gradio's own scripts run: a dark screen must not flash white.

    Modules are fetched meanwhile, all at once instead of one import after the other.
    """
    fonts = "".join(f'<link rel="preload" href="{font}" as="font" type="font/woff2" crossorigin>' for font in FONTS)
    scripts = "".join(f'<link rel="modulepreload" href="{module}">' for module in modules())
    return f"{fonts}{scripts}<style>{static('colors.css')}</style><script>{static('theme.js')}</script>"


def theme() -> gr.themes.Base:
    """Return a theme that gives Gradio's own parts the studio's colors; both modes come from the same variables."""
    values = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--muted)",
        "background_fill_primary": "var(--surface)",
        "background_fill_secondary": "var(--paper)",
        "block_background_fill": "var(--surface)",
        "block_border_color": "var(--line)",
        "block_label_background_fill": "var(--surface)",
        "block_label_text_color": "var(--muted)",
        "block_title_text_color": "var(--ink)",
        "block_info_text_color": "var(--muted)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--accent-soft)",
        "input_background_fill": "var(--surface)",
        "input_border_color": "var(--line-strong)",
        "input_border_color_focus": "var(--accent)",
        "link_text_color": "var(--accent)",
        "link_text_color_hover": "var(--accent)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_secondary_background_fill": "var(--surface)",
        "button_secondary_background_fill_hover": "var(--accent-soft)",
        "button_secondary_border_color": "var(--line-strong)",
        "button_secondary_text_color": "var(--ink)",
        "slider_color": "var(--accent)",
        "checkbox_background_color_selected": "var(--accent)",
        "checkbox_border_color_selected": "var(--accent)",
        "table_border_color": "var(--line)",
        "table_even_background_fill": "var(--surface)",
        "table_odd_background_fill": "var(--surface)",
        "color_accent": "var(--accent)",
    }
    both = values | {f"{name}_dark": value for name, value in values.items() if name != "color_accent"}
    base = gr.themes.Base(
        font=[gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"],
        radius_size=gr.themes.sizes.radius_sm,
        text_size=gr.themes.sizes.text_md,
    )
    return base.set(block_shadow="none", block_border_width="1px", input_shadow="none", button_primary_shadow="none", **both)
