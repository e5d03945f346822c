/** Datasets, transforms and the loader that turns them into batches; all of it on the host. */
package org.alborz.data;
