/** @file The depot where OPFS refuses. */
import './no-folder'
import '../../workers/depot'
