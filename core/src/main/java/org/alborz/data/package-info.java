/** Datasets of named fields, transforms, and the loader whose workers turn them into batches; all of it on the host. */
package org.alborz.data;
