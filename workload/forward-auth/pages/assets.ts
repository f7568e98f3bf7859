/**
 * Styles for templates that were made from oauth2-proxy's: they name classes of Bulma and of Font Awesome. These are our own
 * rules for the classes that such templates use, no copy of either library.
 */

/** Layout and controls. */
export const BULMA = `*,::before,::after{box-sizing:inherit}
html{box-sizing:border-box;font:100%/1.5 system-ui,sans-serif;color:#363636;background:#fff}
body,p,h1,h2,h3,pre,ul{margin:0;padding:0}
img,svg{max-width:100%;height:auto}
a{color:#2a5bc7}
.section{padding:3rem 1.5rem}
.container{max-width:60rem;margin:0 auto}
.columns{display:flex;flex-wrap:wrap}
.column{flex:1 1 0;padding:.75rem}
.is-centered{justify-content:center}
.is-4{flex:0 0 33.3%}.is-6{flex:0 0 50%}.is-8{flex:0 0 66.6%}.is-12{flex:0 0 100%}
.is-offset-2{margin-left:16.6%}.is-offset-3{margin-left:25%}.is-offset-4{margin-left:33.3%}
@media (max-width:48rem){.columns{display:block}.column{margin-left:0}}
.box,.card,.message-body{padding:1.25rem;background:#fff;border-radius:.4rem;box-shadow:0 .5em 1em -.125em #0a0a0a1a,0 0 0 1px #0a0a0a05}
.block:not(:last-child),.box:not(:last-child),.title:not(:last-child),.content:not(:last-child){margin-bottom:1.5rem}
.card{padding:0}.card-header{display:flex;align-items:center;box-shadow:0 .125em .25em #0a0a0a1a}
.card-header-title{flex:1;padding:.75rem 1rem;font-weight:700}.card-header-icon{padding:.75rem 1rem;cursor:pointer;background:none;border:0}
.card-content{padding:1.5rem}
.title{font-size:2rem;font-weight:600;line-height:1.125}.subtitle{font-size:1.25rem;line-height:1.25}
.is-1{font-size:3rem}.is-2{font-size:2.5rem}.is-3{font-size:2rem}
.field:not(:last-child){margin-bottom:.75rem}
.label{display:block;font-weight:700;margin-bottom:.5em}
.control{position:relative}
.input{width:100%;min-height:2.5em;padding:.45em .75em;font:inherit;border:1px solid #8a8a8a;border-radius:.25rem}
.button{display:inline-block;min-height:2.5em;padding:.45em 1em;font:inherit;text-decoration:none;color:#363636;background:#fff;border:1px solid #8a8a8a;border-radius:.25rem;cursor:pointer}
.button.is-primary,.button.is-link{color:#fff;background:#00705c;border-color:transparent}.button.is-link{background:#2a5bc7}
.button.is-danger{color:#fff;background:#b3123b;border-color:transparent}
.is-fullwidth{display:block;width:100%}
.input:focus,.button:focus{outline:3px solid #2a5bc766;outline-offset:1px}
.notification{position:relative;padding:1.25rem 2.5rem 1.25rem 1.5rem;background:#f1f1f1;border-radius:.25rem}
.notification.is-danger{color:#fff;background:#b3123b}
.delete{position:absolute;top:.5rem;right:.5rem;width:1.25rem;height:1.25rem;border:0;border-radius:50%;cursor:pointer}
.footer{padding:2rem 1.5rem;background:#fafafa}
.has-text-centered{text-align:center}.has-text-left{text-align:left}.has-text-grey,.has-text-grey-dark{color:#565656}
.has-background-light{background:#f5f5f5}
.is-flex{display:flex}.is-justify-content-center{justify-content:center}.is-align-items-center{align-items:center}
.is-hidden{display:none}.is-size-7{font-size:.75rem}.has-text-weight-bold{font-weight:700}
.message{margin-bottom:1.5rem}.message-header{padding:.75em 1em;color:#fff;background:#4a4a4a}
`;

/** Signs instead of an icon font. */
export const ICONS = `.fa,.fas,.fa-solid{display:inline-block;font-style:normal;line-height:1}
.fa-angle-down::before,.fa-chevron-down::before{content:"\\25be"}
.fa-angle-up::before,.fa-chevron-up::before{content:"\\25b4"}
.fa-times::before,.fa-xmark::before{content:"\\00d7"}
.fa-check::before{content:"\\2713"}
.fa-lock::before{content:"\\1f512"}
.fa-user::before{content:"\\1f464"}
.fa-arrow-left::before{content:"\\2190"}
.fa-arrow-right::before{content:"\\2192"}
.fa-sign-in-alt::before,.fa-right-to-bracket::before{content:"\\21e5"}
.fa-exclamation-triangle::before,.fa-triangle-exclamation::before{content:"\\26a0"}
.fa-info-circle::before,.fa-circle-info::before{content:"\\2139"}
`;
