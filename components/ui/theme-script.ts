export const themes = ['light', 'dark', 'system'] as const;
export type ThemePreference = (typeof themes)[number];
export type Theme = 'light' | 'dark';

/** Where the browser keeps the choice. */
export const themeKey = 'attune-theme';

/** Runs before anything is drawn, so that no page flashes in the other theme. */
export const themeScript = `(function(){var t='system';try{t=localStorage.getItem('${themeKey}')||t}catch(e){}
if(t!=='light'&&t!=='dark')t=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light';
document.documentElement.dataset.theme=t})()`;
