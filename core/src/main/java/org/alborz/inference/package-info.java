/** Models that serve requests of many threads. */
package org.alborz.inference;
