/** @file The chat's thread where OPFS refuses. */
import './no-folder'
import '../../workers/chat'
