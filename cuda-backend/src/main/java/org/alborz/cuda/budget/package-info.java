/** What a training step asks of a GPU, counted without one: launches, bytes, and the time that both predict. */
package org.alborz.cuda.budget;
