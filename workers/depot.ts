/** @file The thread that fetches the files of models, and the only one that writes them. */
import { serve } from '../src/shared/wire'
import { DepotThread } from './depot/depot'

serve(new DepotThread())
