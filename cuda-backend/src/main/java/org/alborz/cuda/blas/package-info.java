/** Matrix products by cuBLAS. */
package org.alborz.cuda.blas;
