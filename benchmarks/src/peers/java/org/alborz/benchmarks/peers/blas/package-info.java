/** OpenBLAS as a contestant, through JavaCPP's presets. */
package org.alborz.benchmarks.peers.blas;
