/** `request.app` and `response.app`: the settings that Express has when nobody changes any. */
export interface App {
  (): void;
  readonly settings: Record<string, unknown>;
  readonly locals: Record<string, unknown>;
  get(name: string): unknown;
  set(name: string, value: unknown): App;
  enabled(name: string): boolean;
  disabled(name: string): boolean;
  enable(name: string): App;
  disable(name: string): App;
}

export function createApp(): App {
  const settings: Record<string, unknown> = {
    'x-powered-by': true,
    etag: 'weak',
    env: 'development',
    'query parser': 'extended',
    'subdomain offset': 2,
    'trust proxy': false,
    'jsonp callback name': 'callback',
  };
  const app: App = Object.assign(() => {}, {
    settings,
    locals: Object.assign(Object.create(null) as Record<string, unknown>, { settings }),
    get: (name: string) => settings[name],
    set(name: string, value: unknown) {
      settings[name] = value;
      return app;
    },
    enabled: (name: string) => Boolean(settings[name]),
    disabled: (name: string) => !settings[name],
    enable: (name: string) => app.set(name, true),
    disable: (name: string) => app.set(name, false),
  });
  return app;
}
