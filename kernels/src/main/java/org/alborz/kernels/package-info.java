/** The compiled CUDA kernels, as text for the driver. */
package org.alborz.kernels;
