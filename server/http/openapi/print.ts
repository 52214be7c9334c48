import { describeApi } from './document';

/** `dist/api-document.mjs`: prints the API's description, from which the types of client/ are made. It connects to nothing. */
process.stdout.write(JSON.stringify(describeApi(process.env['npm_package_version'] ?? '0.0.0')));
