/** Checks and measures a backend on a machine with a GPU; runs on the CPU backends too. */
package org.alborz.gpucheck;
