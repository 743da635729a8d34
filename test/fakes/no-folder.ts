/** @file A private window, as some browsers have them: OPFS is there by name, and refuses. To be imported first. */
navigator.storage.getDirectory = () => Promise.reject(new DOMException('not for this page', 'SecurityError'))
