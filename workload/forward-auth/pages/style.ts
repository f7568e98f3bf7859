/** How our pages look. Everything that a deployment may want to change is a variable; `custom_style_file` comes after it. */
export const STYLE = `:root{color-scheme:light dark;
--ground:#f3f4f7;--surface:#fff;--text:#1a1d24;--muted:#565c6b;--line:#c3c8d3;--field:#7b8394;--accent:#1a56c4;--on-accent:#fff;--danger:#a4161a;
--radius:.5rem;--width:26rem;--font:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
@media (prefers-color-scheme:dark){:root{--ground:#12141a;--surface:#1c1f28;--text:#eceef3;--muted:#a5acbb;--line:#4a5161;--field:#7d8698;--accent:#8fb6ff;--on-accent:#0d1626;--danger:#ff9c9c}}
*{box-sizing:border-box}
html{font:100%/1.5 var(--font);color:var(--text);background:var(--ground)}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;padding:1rem}
main{width:100%;max-width:var(--width);margin:auto;padding:2rem 1.5rem;background:var(--surface);border:1px solid var(--line);border-radius:calc(var(--radius)*2)}
main>:first-child{margin-top:0}main>:last-child{margin-bottom:0}
h1{font-size:1.375rem;line-height:1.25;margin:0 0 1rem}
h1.logo{text-align:center;line-height:0}
.logo img,.logo svg{max-width:100%;width:auto;height:4rem;color:var(--accent)}
.code{font-size:.875rem;font-weight:600;letter-spacing:.08em;color:var(--muted);margin:0}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.banner{text-align:center}
form{margin:0 0 1rem}
label{display:block;font-weight:600;margin:0 0 1rem}
input{display:block;width:100%;min-height:2.75rem;margin-top:.25rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--field);border-radius:var(--radius)}
button,.button{display:block;width:100%;min-height:2.75rem;padding:.6rem 1rem;font:inherit;font-weight:600;line-height:1.4;text-align:center;text-decoration:none;color:var(--on-accent);background:var(--accent);border:1px solid var(--accent);border-radius:var(--radius);cursor:pointer;overflow-wrap:anywhere}
button:hover,.button:hover{filter:brightness(1.12)}
.second button{color:var(--accent);background:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[role=alert]{padding:.75rem 1rem;color:var(--danger);border:1px solid;border-left-width:.3rem;border-radius:var(--radius)}
hr{margin:1.5rem 0;border:0;border-top:1px solid var(--line)}
details{margin:0 0 1.5rem}summary{cursor:pointer;color:var(--muted);margin-bottom:.5rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem}.actions form{flex:1 1 8rem;margin:0}
.detail{font-size:.875rem;color:var(--muted)}
footer{max-width:100%;padding-top:1rem;font-size:.875rem;color:var(--muted);text-align:center;overflow-wrap:anywhere}
footer a{color:inherit}
@media (max-width:22rem){body{padding:.5rem}main{padding:1.5rem 1rem}}
@media (prefers-contrast:more){:root{--line:currentColor;--muted:currentColor;--field:currentColor}}
@media (forced-colors:active){button,.button{border:1px solid}}
`;
