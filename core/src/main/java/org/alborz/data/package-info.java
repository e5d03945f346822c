/** Datasets of named fields, their downloads, transforms, tokenizers, and the loader whose workers turn samples into batches; all on the host. */
package org.alborz.data;
