SELECT n FROM Page_Visit
