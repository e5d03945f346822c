/** Tensor memory on the Java heap, shared by the CPU backends: typed buffers, the pool that recycles them, copies to the host. */
package org.alborz.cpu.memory;
