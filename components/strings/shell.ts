/** The frame around every page. */
export const shell = {
  skip: 'Skip to the content',
  palette: {
    title: 'Commands',
    open: 'Search and commands',
    short: 'Search or jump to…',
    placeholder: 'Type a command or the name of a page…',
    empty: 'No command has this in its name. Try fewer letters.',
    groups: {
      page: 'On this page',
      approve: 'Approve',
      run: 'Run',
      create: 'Create',
      go: 'Go to',
      studio: 'Studio',
    },
    help: 'to choose',
    move: 'to move',
    leave: 'to close',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    description: 'What the keys do on this page and everywhere.',
    open: 'Keyboard shortcuts',
    everywhere: 'Everywhere',
    navigation: 'Go to',
    page: 'On this page',
  },
  theme: {
    label: 'Theme',
    light: 'Light',
    dark: 'Dark',
    system: 'Like the system',
    use: (theme: string) => `Theme: ${theme}`,
  },
  person: {
    menu: (name: string) => `Account of ${name}`,
    account: 'Account and tokens',
    signOut: 'Sign out',
  },
  live: {
    live: 'Live',
    reconnecting: 'Reconnecting',
    offline: 'Offline',
    help: {
      live: 'Changes appear here as they happen.',
      reconnecting: 'The stream was lost. The page catches up by itself as soon as it is back.',
      offline: 'The studio does not answer. What you see may be out of date.',
    },
  },
} as const;
