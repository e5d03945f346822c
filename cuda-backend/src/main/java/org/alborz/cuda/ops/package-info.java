/** The families of operations, by kernels of our own, cuBLAS and cuDNN. */
package org.alborz.cuda.ops;
