/** NCCL: sums and copies over the devices of several ranks, and the thread that ends them where a rank is lost. */
package org.alborz.cuda.nccl;
