import { createServer } from 'node:http';

import { hello } from './hello';
import { serve } from './lifecycle';

const server = createServer(hello);

serve(server);
