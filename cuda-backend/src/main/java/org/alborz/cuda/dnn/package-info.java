/** Convolution and pooling by cuDNN. */
package org.alborz.cuda.dnn;
