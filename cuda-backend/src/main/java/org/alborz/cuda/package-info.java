/** The CUDA backend: for now the provider, which reports what is missing. */
package org.alborz.cuda;
