/** The CUDA backend, and what tells whether it can run. */
package org.alborz.cuda;
