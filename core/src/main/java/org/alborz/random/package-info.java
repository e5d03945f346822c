/** Random numbers that are a function of seed, stream and position alone, the same on every machine and backend. */
package org.alborz.random;
