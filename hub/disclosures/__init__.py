"""公示: public lists of certified or helped households for a township or village and a month, masked as the law requires
(46-4.3)."""
