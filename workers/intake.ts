/** @file The thread that writes and hashes one large file at a time, while the depot's own attends to the network. */
import { serve } from '../src/shared/wire'
import { IntakeThread } from './depot/aside'

serve(new IntakeThread())
